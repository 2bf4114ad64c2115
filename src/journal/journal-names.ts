/** What the files of a journal are called in the agent's folder. */

export const recordFile = 'journal.sealed';
export const sessionFile = 'session.sealed';
export const rawName = /^raw-[0-9a-f-]{36}\.sealed$/;
