/// <reference lib="esnext.disposable" />

/** The options of `neon-contract mock`. */
export interface MockOptions {
  /** The port to listen on; by default the system chooses one. */
  port?: number;
  /** The address to listen on. */
  host?: string;
  /** Whether a page under `/console` is served. */
  console?: boolean;
  /** The initial account: a built-in fixture or a YAML file. */
  fixture?: 'seed' | 'empty' | 'many-projects' | 'team' | (string & {});
  /** The seed of generated IDs and tokens. */
  seed?: number;
  /** When operations finish: by the next request, on command, or after a time such as `2s`. */
  operations?: 'immediate' | 'manual' | (string & {});
  /** The file that keeps the state across restarts. */
  persist?: string;
  /** The maximum number of requests per minute, or a rate such as `40/s`. */
  rateLimit?: number | string;
  /** The time that responses take, such as `80ms+-30ms`. */
  latency?: string;
  /** The origins whose pages may use the API. */
  cors?: readonly string[];
  /** The scenarios to play: built-in ones or YAML files. */
  scenario?: readonly string[];
  /** The faults to inject. */
  fault?: readonly string[];
  /** The format of the request log on standard error. */
  log?: 'text' | 'json';
}

/** A user of the mock. */
export interface Account {
  readonly userId: string;
  readonly apiKey: string;
}

/** A running mock. It ends with the process that started it, however that process ends. */
export interface Mock extends AsyncDisposable {
  /** The address, without a path: the API is at `/api/v2`, and control at `/_mock`. */
  readonly url: string;
  /** The key of the initial account. */
  readonly apiKey: string;
  /** Creates another user, from a built-in fixture or an account spelled out. */
  createAccount(fixture?: string | object): Promise<Account>;
  /** Restores the initial account and its key, and removes all other users. */
  reset(): Promise<void>;
  /** Stops the mock, and waits until it has ended. */
  stop(): Promise<void>;
}

/** Starts a mock, and waits until it serves. */
export function startMock(options?: MockOptions): Promise<Mock>;

/** Finds the binary: the one that `NEON_CONTRACT_BINARY` names, or the one for this platform. */
export function binaryPath(): string;
