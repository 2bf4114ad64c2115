/** Types of the deep paths of undici that we load; the package itself types only its root, which costs another 8 MiB. */
declare module 'undici/lib/dispatcher/client.js' {
  import { Client } from 'undici';

  export default Client;
}
