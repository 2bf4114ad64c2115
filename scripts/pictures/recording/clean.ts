/** What differs from one recording to the next, or tells of the machine: replaced by what reads as well. */

/** Wall-clock times are moved so that the recording begins at this one. */
const beginning = { hour: 9, minute: 41 } as const;

export function cleaner(startedAt: Date): (screen: string) => string {
  const shiftMinutes =
    beginning.hour * 60 + beginning.minute - (startedAt.getUTCHours() * 60 + startedAt.getUTCMinutes());
  return (screen) =>
    screen
      .replaceAll(/\/tmp\/tokenward-demo-\w{6}/g, '/tmp/tokenward-demo')
      .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:8443')
      .replaceAll(/Process \d+/g, 'Process 4711')
      .replaceAll(/process \d+/g, 'process 4711')
      .replaceAll(/\d{4}-\d\d-\d\dT/g, '2027-01-31T')
      .replaceAll(/(?<=[ (T])(\d\d):(\d\d)(?=[ ):]|$)/gm, (_all, hour: string, minute: string) =>
        clock(Number(hour) * 60 + Number(minute) + shiftMinutes),
      );
}

function clock(minutes: number): string {
  const ofDay = ((minutes % 1_440) + 1_440) % 1_440;
  return [Math.floor(ofDay / 60), ofDay % 60].map((part) => String(part).padStart(2, '0')).join(':');
}
