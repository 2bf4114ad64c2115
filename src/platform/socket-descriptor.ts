/** Node has no public way to a socket's descriptor; `_handle.fd` has been its name since the first versions. Throws where it is closed. */
export function socketDescriptor(socket: object): number {
  const handle = (socket as { readonly _handle?: { readonly fd?: number } | null })._handle;
  const fd = handle?.fd ?? -1;
  if (fd < 0) throw new Error('the connection has no file descriptor');
  return fd;
}
