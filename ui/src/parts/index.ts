// The shared parts, for pages: `import { DataTable, Money, Page } from "../parts";`
export {
  AddressChip,
  blockPath,
  Dollars,
  Hash,
  Money,
  Nothing,
  Num,
  Share,
  subjectPath,
  TxChip,
  txPath,
  When,
} from "./bits";
export { Copy, copyText } from "./Copy";
export { DataTable, type Column, type Sorting } from "./DataTable";
export { Dialog } from "./Dialog";
export { Choice, Field, TextField, Tick } from "./Field";
export { FileButton } from "./FileButton";
export { Icon, type IconName } from "./Icon";
export { Page, Panel } from "./Page";
export { PinToCase, type Pinnable } from "./PinToCase";
export { Sentence } from "./Sentence";
export { Basis, Category, levelRank, Severity, SeverityShape, type Level } from "./Severity";
export { Empty, Loading, Read, Trouble } from "./states";
export { EvidenceView, Why, type Evidence, type LabelProof, type Step } from "./Why";
