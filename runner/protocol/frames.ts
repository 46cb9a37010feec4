/**
 * Binary frames: output to the page, input to the runner. THIS FILE IS IMPORTED IN BOTH SERVER- AND
 * BROWSER-SIDE CODE.
 *
 *     byte 0      kind
 *     bytes 1–4   stream number, big endian
 *     bytes 5–12  offset of the first byte in the stream (input: 0), big endian
 *     the rest    the bytes
 */
const HEADER = 13;

export const FRAME = { output: 1, input: 2 } as const;
export type FrameKind = (typeof FRAME)[keyof typeof FRAME];

export interface Frame {
  kind: FrameKind;
  stream: number;
  offset: number;
  bytes: Uint8Array;
}

export function encodeFrame(frame: Frame): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(HEADER + frame.bytes.length);
  const view = new DataView(out.buffer);
  view.setUint8(0, frame.kind);
  view.setUint32(1, frame.stream);
  view.setBigUint64(5, BigInt(frame.offset));
  out.set(frame.bytes, HEADER);
  return out;
}

/** undefined for what is not a frame; the bytes are a view into `data`. */
export function decodeFrame(data: Uint8Array): Frame | undefined {
  if (data.length < HEADER) return undefined;
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const kind = view.getUint8(0);
  if (kind !== FRAME.output && kind !== FRAME.input) return undefined;
  const offset = Number(view.getBigUint64(5));
  if (!Number.isSafeInteger(offset)) return undefined;
  return { kind, stream: view.getUint32(1), offset, bytes: data.subarray(HEADER) };
}
