/** What the app is, what its model knows and doesn't, and that nothing leaves the device. */

import { h } from "../../dom";
import { RHYTHMS } from "../../edge/rhythms";
import { number, t } from "../../i18n";
import { bands } from "../likelihood";
import { back, notADevice, rhythmName } from "../parts";
import type { App, View } from "../view";

export async function aboutView(app: App): Promise<View> {
  const model = await app.classifier.model;
  const unlearned = [...RHYTHMS.keys()].filter((label) => !model.labels.includes(label));
  const rhythms = (labels: readonly string[]) =>
    h(
      "ul",
      { class: "rhythms" },
      labels.map((label) => h("li", {}, rhythmName(label))),
    );
  const fact = (term: string, ...value: (string | Node)[]) => h("div", {}, h("dt", {}, term), h("dd", {}, value));
  const section = (title: string, ...content: (Node | string | false)[]) =>
    h("section", {}, h("h2", {}, title), content);
  const element = h(
    "div",
    { class: "about" },
    back("", t("home")),
    h("h1", { tabindex: -1 }, t("about")),
    notADevice(),
    section(t("about_private"), h("p", {}, t("about_private_text"))),
    section(
      t("about_knows"),
      h("p", {}, t("about_knows_text")),
      rhythms(model.labels),
      h("p", {}, t("about_calibrated")),
    ),
    section(
      t("about_not"),
      unlearned.length > 0 && h("p", {}, t("about_not_learned")),
      unlearned.length > 0 && rhythms(unlearned),
      h("p", {}, t("about_not_others")),
      h("p", {}, t("about_not_data")),
      h("p", {}, t("about_not_monitor")),
    ),
    section(
      t("about_words"),
      h("p", {}, t("about_words_text")),
      h(
        "dl",
        { class: "facts" },
        bands(model.abstainBelow).map(({ from, word }) => fact(t("about_band", { n: number(from) }), word)),
        fact(t("about_band_under", { n: number(100 * model.abstainBelow) }), t("undecided")),
      ),
    ),
    section(
      t("about_model"),
      h(
        "dl",
        { class: "facts" },
        fact(t("about_name"), h("bdi", {}, `${model.name} ${model.version}`)),
        fact(t("about_size"), t("about_bytes", { n: number(model.sizeBytes) })),
        fact(t("about_sha"), h("code", {}, model.sha256)),
        fact(t("about_licence"), t("about_licence_text")),
      ),
      h("p", {}, h("a", { href: "#/about/card" }, t("about_card"))),
      h("p", {}, h("a", { href: "#/about/licences" }, t("about_licences"))),
    ),
  );
  return { title: t("about"), element };
}
