/** A sentence for a person: an English template and what stands in its places, so that it can be said in another language. */
export interface Words {
  /** English, with places in braces: "no signal for {seconds} s". */
  readonly template: string;
  readonly values: Readonly<Record<string, Value>>;
}

/** What stands in a place: text as it is, words of their own, or several of either, which are joined by commas. */
type Value = string | Words | readonly (string | Words)[];

/** A sentence; `template` is a literal wherever this is called, so that a test can find every sentence of the program. */
export function words(template: string, values: Readonly<Record<string, Value>> = {}): Words {
  return { template, values };
}

/**
 * A sentence in a language.
 *
 * @param translated - the template in that language, or undefined where it has none, which leaves English.
 */
export function say(sentence: Words, translated: (template: string) => string | undefined = () => undefined): string {
  const template = translated(sentence.template) ?? sentence.template;
  const spoken = (value: string | Words): string => (typeof value === "string" ? value : say(value, translated));
  return template.replace(/\{(\w+)\}/g, (place, name: string) => {
    const value = sentence.values[name];
    if (value === undefined) return place;
    return Array.isArray(value) ? value.map(spoken).join(", ") : spoken(value as string | Words);
  });
}
