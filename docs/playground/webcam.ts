/** Frames of a camera. */

export interface Webcam {
  readonly video: HTMLVideoElement;
  /** The current frame. */
  grab(): ImageData;
  stop(): void;
}

/** Requested pixels of the longer side; models use fewer. */
const wantedWidth = 640;

/** Asks the user for the camera. @throws errors of `getUserMedia`: no camera, or not allowed */
export async function openWebcam(): Promise<Webcam> {
  if (!('mediaDevices' in navigator)) throw new Error('cameras need a page from https or localhost');
  const stream = await navigator.mediaDevices.getUserMedia({ video: { width: wantedWidth } });
  const video = document.createElement('video');
  Object.assign(video, { srcObject: stream, muted: true });
  video.setAttribute('playsinline', '');
  await video.play();
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  return {
    video,
    grab() {
      const { videoWidth: width, videoHeight: height } = video;
      Object.assign(canvas, { width, height });
      context.drawImage(video, 0, 0);
      return context.getImageData(0, 0, width, height);
    },
    stop() {
      for (const track of stream.getTracks()) track.stop();
      video.srcObject = null;
    },
  };
}
