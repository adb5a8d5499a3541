/** Types of the page that the compiler does not know. */

import 'vue';

declare module 'vue' {
  interface InputHTMLAttributes {
    /** Whether the input chooses a folder instead of files. */
    webkitdirectory?: boolean;
  }
}
