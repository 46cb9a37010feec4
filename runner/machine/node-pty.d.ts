/** The part of node-pty that is used here: its own types are declared under another package name. */
declare module 'node-pty' {
  interface Pty {
    readonly pid: number;
    onData(listener: (data: string | Uint8Array) => void): { dispose(): void };
    onExit(listener: (event: { exitCode: number; signal?: number }) => void): { dispose(): void };
    write(data: string | Uint8Array): void;
    resize(columns: number, rows: number): void;
    pause(): void;
    resume(): void;
    kill(signal?: string): void;
  }
  interface PtyOptions {
    name: string;
    cols: number;
    rows: number;
    cwd: string;
    /** null: data comes as bytes. */
    encoding: null;
  }
  const pty: { spawn(file: string, argv: string[], options: PtyOptions): Pty };
  export default pty;
}
