/** Systems for which an addon can be built, and the tags of Python wheels that run on them. */

import { PatchslimError } from '@patchslim/tensor';
import { systemName } from '@patchslim/tensor/files';

/** Python's name of the processor. */
const machines: Readonly<Record<string, string>> = { 'linux-x64': 'x86_64', 'linux-arm64': 'aarch64' };

/** The system that this process runs on. */
export interface System {
  /** Such as `linux-x64`. */
  readonly platform: string;
  /** Such as `x86_64`. */
  readonly machine: string;
  /** Minor version of glibc 2. */
  readonly glibc: number;
}

/** @throws `BACKEND_UNAVAILABLE` on other systems than Linux with glibc on x64 and arm64 */
export function thisSystem(where: string): System {
  const platform = systemName();
  const machine = machines[platform];
  if (machine === undefined) {
    const reason = /^(win32|darwin)/.test(platform)
      ? "TensorFlow's library for it has another form, which was never tried; the package's own install script may work: npm rebuild with --ignore-scripts=false"
      : 'TensorFlow publishes no library for it';
    throw new PatchslimError(
      'BACKEND_UNAVAILABLE',
      `${where}: ${platform} is not supported, only ${Object.keys(machines).join(' and ')}: ${reason}`,
      { platform },
    );
  }
  const { header } = process.report.getReport() as unknown as {
    readonly header: { readonly glibcVersionRuntime?: string };
  };
  const glibc = Number(/^2\.(\d+)/.exec(header.glibcVersionRuntime ?? '')?.[1] ?? NaN);
  if (Number.isNaN(glibc)) {
    const message = `${where}: this Linux has no glibc (it may be Alpine with musl), but TensorFlow's library needs it; use an image such as node:22-bookworm`;
    throw new PatchslimError('BACKEND_UNAVAILABLE', message, { platform });
  }
  return { platform, machine, glibc };
}

/** Tags of platforms whose wheels run here, as pip takes them. */
export function platformTags({ machine, glibc }: System): readonly string[] {
  const minors = Array.from({ length: Math.max(glibc - 16, 0) }, (_, i) => glibc - i); // manylinux_2_17 is the oldest in use
  return [...minors.map((minor) => `manylinux_2_${minor}_${machine}`), `manylinux2014_${machine}`];
}

/** Whether a wheel with these tags (`cp311-cp311-manylinux_2_27_x86_64`) has native code for this system. */
export function fitsSystem(tags: readonly string[], system: System): boolean {
  const own = platformTags(system);
  return tags.some((tag) => own.includes(tag.split('-').at(-1)!));
}
