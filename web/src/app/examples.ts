/** The simulated recordings that the page carries for whoever has none. */
import { t } from "../i18n";
import { rhythmName } from "./parts";

/** One line of examples/index.json. */
interface Listed {
  readonly file: string;
  readonly files: readonly string[];
  readonly rhythm: string;
}

export interface Example extends Listed {
  /** In the address: the file's name without its ending. */
  readonly id: string;
}

/** None where the server is gone and the browser has thrown the page's cache away. */
export async function loadExamples(): Promise<readonly Example[]> {
  const response = await fetch("examples/index.json").catch(() => undefined);
  const listed: readonly Listed[] = response?.ok ? await response.json() : [];
  return listed.map((one) => ({ ...one, id: one.file.replace(/\.\w+$/, "") }));
}

export const filesOf = ({ files }: Example): Promise<readonly File[]> =>
  Promise.all(files.map(async (name) => new File([await (await fetch(`examples/${name}`)).blob()], name)));

export function exampleName({ id, rhythm }: Example): string {
  const name = rhythmName(rhythm);
  return /restless/.test(id) ? t("demo_restless", { rhythm: name }) : name;
}
