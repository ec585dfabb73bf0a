/** The eleven rhythms, as `ecglite.edge.rhythms` has them: abbreviation, full name, SNOMED CT code. */
const ALL = [
  { abbreviation: "SB", name: "Sinus bradycardia", snomed: "426177001" },
  { abbreviation: "SR", name: "Sinus rhythm", snomed: "426783006" },
  { abbreviation: "AFIB", name: "Atrial fibrillation", snomed: "164889003" },
  { abbreviation: "ST", name: "Sinus tachycardia", snomed: "427084000" },
  { abbreviation: "SVT", name: "Supraventricular tachycardia", snomed: "426761007" },
  { abbreviation: "AF", name: "Atrial flutter", snomed: "164890007" },
  { abbreviation: "SA", name: "Sinus arrhythmia", snomed: "427393009" },
  { abbreviation: "AT", name: "Atrial tachycardia", snomed: "713422000" },
  { abbreviation: "AVNRT", name: "Atrioventricular node reentrant tachycardia", snomed: "233896004" },
  { abbreviation: "AVRT", name: "Atrioventricular reentrant tachycardia", snomed: "233897008" },
  { abbreviation: "SAAWR", name: "Sinus atrium to atrial wandering rhythm", snomed: "195101003" },
] as const;

type Rhythm = (typeof ALL)[number];
export type Abbreviation = Rhythm["abbreviation"];

/** By abbreviation, most frequent first. */
export const RHYTHMS: ReadonlyMap<string, Rhythm> = new Map(ALL.map((rhythm) => [rhythm.abbreviation, rhythm]));

export const isRhythm = (label: string): label is Abbreviation => RHYTHMS.has(label);
