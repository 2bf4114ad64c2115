/**
 * Connections that may wait to be accepted (listen(2); the kernel's own bound is `net.core.somaxconn`). After a restart
 * everybody comes at once; who does not fit into the queue of a Unix socket is turned away with EAGAIN, and into that of a
 * port has to try again a second later.
 */
export const maxQueued = 4096;
