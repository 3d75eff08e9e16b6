// Every sentence that the page's scripts show, in one place.

const plural = (n, one, many) => `${n} ${n === 1 ? one : many}`;

export const words = {
  loading: 'Getting the stage ready',
  choosePortrait: 'Choose who sings.',
  chooseSong: 'Choose a song.',
  analysing: 'Reading the portrait',
  singing: 'Learning the song',
  ready: (title) => `Ready: ${title}. Press play.`,
  playing: (title) => `Singing ${title}`,
  exporting: 'Making the video. It goes on when you look at another tab.',
  exportCancelled: 'Cancelled. Nothing was saved.',
  done: 'Your video is ready.',
  software: 'Your browser is drawing without a graphics card, so this is slow.',
  noGraphics:
    'This browser can draw with neither WebGPU nor WebGL 2, and Portraoke needs one of them: please open the page in Chrome or Edge 113 or newer, Safari 26 or newer, or Firefox 141 or newer (147 on a Mac).',
  broken: 'Something broke inside the page. Your portrait, song and finished video are kept: press “Start again” to go on.',
  gpuLost: 'The graphics card was taken away from the page. Your portrait, song and finished video are kept: press “Start again” to go on.',
  recovering: 'The graphics card was lost: starting again where it stopped.',
  filmingAgain: 'The graphics card was lost: making the video again from its beginning.',
  backend: {
    card: (name) => `Running on your graphics card${name ? ` (${name})` : ''}.`,
    softwareAsked: (name) => `Running on the processor through WebGPU${name ? ` (${name})` : ''}, because the address asks for it: slow.`,
    software: () => 'Running on the processor, because this browser offers no graphics card: slower, and nothing repaints mouth and lids.',
    noWebGpu: () => 'Running on the processor, because this browser has no WebGPU: slower, and nothing repaints mouth and lids.',
    refused: () => 'Running on the processor, because the graphics card refused the networks: slower, and nothing repaints mouth and lids.',
    asked: () => 'Running on the processor, because the address asks for it: slower, and nothing repaints mouth and lids.',
  },
  debug: {
    title: 'What the page runs on',
    copy: 'Copy',
    copied: 'Copied',
    notCopied: 'Not copied: the browser forbids it',
    measure: 'Measure the networks',
    nothing: 'The networks run on the processor: there is nothing to measure.',
    network: (name, dispatches, ms) => `${name}: ${plural(dispatches, 'dispatch', 'dispatches')}, ${ms.toFixed(2)} ms`,
    columns: ['Operation', 'Shape', 'ms'],
    value: (value) => (value === true ? 'yes' : value === false ? 'no' : String(value)),
  },
  missingCatalogue: 'A part of the page could not be fetched: check the connection and reload the page.',
  missingFile: (name) => `${name} could not be fetched: check the connection and choose it again.`,
  tooBig: (name) => `${name} is larger than 100 MB: save a smaller copy of the photo and choose that.`,
  notAnImageDrop: 'What was dropped is not a file: drop a photo saved on this device.',
  scoreTooBig: (name) => `${name} is larger than 20 MB, too large for a score: choose a MusicXML file.`,
  noEncoder: 'This browser can play but not write videos: to keep one, open the page in Chrome, Edge or Safari 26.',
  codecs: {
    mp4aac: 'H.264 pictures with AAC sound: plays everywhere.',
    mp4opus: 'H.264 pictures with Opus sound, because this browser cannot write AAC: plays in browsers and VLC, but some phones play it silently.',
    webm: 'VP9 pictures with Opus sound: plays in browsers and VLC.',
  },
  filming: (done, total, left) => `Frame ${done} of ${total}${left ? `, ${left} left` : ''}`,
  timeLeft: (seconds) => (seconds < 60 ? `about ${Math.max(1, Math.round(seconds))} s` : `about ${Math.round(seconds / 60)} min`),
  result: ({ frames, width, height, size, video, audio }) =>
    `${width} × ${height}, ${plural(frames, 'frame', 'frames')}, ${(size / 1e6).toFixed(1)} MB, ${NAMES[video]} and ${NAMES[audio]}. Marked as AI generated.`,
  severalFaces: (n) => `${n} faces found: the largest sings. Press another to change.`,
  face: (i) => `Face ${i}`,
  pasted: 'Pasted photo',
  untitled: 'Your song',
  play: 'Play',
  pause: 'Pause',
};

const NAMES = { avc: 'H.264', vp9: 'VP9', vp8: 'VP8', aac: 'AAC', opus: 'Opus' };
