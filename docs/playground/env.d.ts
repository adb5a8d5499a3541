/** What the compiler does not know of the page. */

import 'vue';

declare module 'vue' {
  interface InputHTMLAttributes {
    /** Whether a folder is chosen instead of files. */
    webkitdirectory?: boolean;
  }
}
