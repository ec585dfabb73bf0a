/** What a view is, and what it may ask of the app around it. */
import type { Classifier } from "../classifier";
import type { Session } from "./session";

export interface View {
  /** Of the document. */
  readonly title: string;
  /** Holds one h1, which gets the focus. */
  readonly element: HTMLElement;
  /** Called when another view takes its place. */
  readonly leave?: () => void;
}

export interface App {
  readonly classifier: Classifier;
  readonly session: Session;
  /** Opens the files' recordings, and goes to them. */
  open(files: readonly File[]): Promise<void>;
  /** Goes to a view: "" is home. */
  go(route: string): void;
  /** Says something to a screen reader, without moving the focus. */
  announce(sentence: string): void;
}
