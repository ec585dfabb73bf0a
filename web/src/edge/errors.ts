/** Every error that is raised on purpose: the tree of `ecglite.edge.errors`, by name. */
import { say, type Words } from "./words";

export type Kind =
  | "FileAccessError"
  | "FileTooLargeError"
  | "UnknownFormatError"
  | "MalformedFileError"
  | "UnsupportedError"
  | "ChecksumError"
  | "UnitsError"
  | "LeadError"
  | "RecordError"
  | "QualityError"
  | "BundleError"
  /** A mistake in this program, which Python has no name for. */
  | "ProgramError";

/** What went wrong, as plain data that passes from a worker to the page. */
export interface Failure {
  readonly kind: Kind;
  /** What was found. In English the same words as the Python package's. */
  readonly came: Words;
  /** What would have been accepted. */
  readonly allowed?: Words | undefined;
  /** The next step, in terms of this app. */
  readonly todo?: Words | undefined;
}

/** An error for the person who meets it. */
export class EcgliteError extends Error implements Failure {
  readonly kind: Kind;
  readonly came: Words;
  readonly allowed?: Words | undefined;
  readonly todo?: Words | undefined;

  constructor(kind: Kind, came: Words, more: { allowed?: Words; todo?: Words } = {}) {
    super(say(came));
    this.name = kind;
    this.kind = kind;
    this.came = came;
    this.allowed = more.allowed;
    this.todo = more.todo;
  }

  toFailure(): Failure {
    return { kind: this.kind, came: this.came, allowed: this.allowed, todo: this.todo };
  }
}
