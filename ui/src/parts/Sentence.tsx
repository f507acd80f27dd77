// A sentence of the service. What it sets apart by isolates, and dates, stay in one piece and in their own direction: browsers break a line after
// the hyphens of a date, which in Arabic turns it around.
import { Fragment } from "react";

const PIECES = /\u2068([^\u2068\u2069]*)\u2069|(?<!\d)(\d{4}-\d\d-\d\d)(?!\d)/gu;
/** A piece that is longer, or that holds a space, may be broken. */
const WHOLE = /^\S{1,20}$/u;

/** The pieces of a sentence: plain text, and what is set apart. */
export function piecesOf(text: string): { text: string; isApart: boolean }[] {
  const pieces: { text: string; isApart: boolean }[] = [];
  let at = 0;
  const plain = (to: number) => {
    if (to > at) pieces.push({ text: text.slice(at, to), isApart: false });
  };
  for (const found of text.matchAll(PIECES)) {
    plain(found.index);
    pieces.push({ text: found[1] ?? found[2] ?? "", isApart: true });
    at = found.index + found[0].length;
  }
  plain(text.length);
  return pieces;
}

export function Sentence({ text }: { text: string }) {
  return (
    <>
      {piecesOf(text).map((piece, at) =>
        piece.isApart ? (
          <bdi key={at} className={WHOLE.test(piece.text) ? "nowrap" : undefined}>
            {piece.text}
          </bdi>
        ) : (
          <Fragment key={at}>{piece.text}</Fragment>
        ),
      )}
    </>
  );
}
