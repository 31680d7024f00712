import { buffer } from 'node:stream/consumers';

const MARGIN = 50;
const FOOTER = 30;
const ROW = 15;
const GREY = '#555555';
const RULE = '#bbbbbb';

export interface PdfColumn {
  readonly heading: string;
  /** Share of the width. */
  readonly width: number;
  readonly align: 'left' | 'right';
}

/** A document of A4 pages: headings, facts and tables one below the other, page numbers at the foot. */
export class PdfPages {
  readonly #document: PDFKit.PDFDocument;
  readonly #bytes: Promise<Buffer>;

  private constructor(document: PDFKit.PDFDocument) {
    this.#document = document;
    this.#bytes = buffer(document);
  }

  static async open({ title, createdAt }: { readonly title: string; readonly createdAt: Date }): Promise<PdfPages> {
    // Only here: the library is large, and few ever ask for it.
    const { default: PdfDocument } = await import('pdfkit');
    const document = new PdfDocument({
      size: 'A4',
      margins: { top: MARGIN, left: MARGIN, right: MARGIN, bottom: MARGIN + FOOTER },
      bufferPages: true,
      info: { Title: printable(title), Creator: 'ucode-gateway', Producer: 'ucode-gateway', CreationDate: createdAt },
    });
    return new PdfPages(document);
  }

  heading(text: string): void {
    this.#document.font('Helvetica-Bold').fontSize(20).text(printable(text)).moveDown(0.5);
  }

  fact(name: string, value: string): void {
    const document = this.#document;
    document.font('Helvetica').fontSize(10);
    document.fillColor(GREY).text(`${name}: `, { continued: true });
    document.fillColor('black').text(printable(value));
  }

  note(text: string): void {
    this.#document.moveDown(0.5).font('Helvetica-Oblique').fontSize(9).fillColor(GREY).text(printable(text));
    this.#document.fillColor('black');
  }

  amount(name: string, value: string): void {
    this.#document
      .moveDown(0.8)
      .font('Helvetica-Bold')
      .fontSize(14)
      .text(`${name}: ${printable(value)}`);
  }

  /** A table with its heading repeated on every page. @param last a row below a rule. */
  table(
    title: string,
    columns: readonly PdfColumn[],
    rows: readonly (readonly string[])[],
    last: readonly string[] | undefined,
  ): void {
    this.#room(ROW * 4);
    const document = this.#document;
    document.moveDown(1.2).font('Helvetica-Bold').fontSize(12).fillColor('black');
    document.text(printable(title), MARGIN, document.y, { lineBreak: true });
    document.moveDown(0.3);
    this.#head(columns);
    for (const row of rows) {
      if (this.#room(ROW)) this.#head(columns);
      this.#row(columns, row, 'Helvetica');
    }
    if (last === undefined) return;
    if (this.#room(ROW)) this.#head(columns);
    this.#rule();
    this.#row(columns, last, 'Helvetica-Bold');
  }

  /** The bytes of the document. */
  async finish(): Promise<Uint8Array> {
    const document = this.#document;
    const { count } = document.bufferedPageRange();
    for (let page = 0; page < count; page++) {
      document.switchToPage(page);
      const { width, height, margins } = document.page;
      // Below the margin a text would begin a new page.
      margins.bottom = 0;
      document.font('Helvetica').fontSize(8).fillColor(GREY);
      document.text(`Page ${page + 1} of ${count}`, MARGIN, height - MARGIN, {
        width: width - 2 * MARGIN,
        align: 'center',
        lineBreak: false,
      });
    }
    document.end();
    return this.#bytes;
  }

  /** Begins a new page where less is left. @returns whether it did. */
  #room(points: number): boolean {
    const { height, margins } = this.#document.page;
    if (this.#document.y + points <= height - margins.bottom) return false;
    this.#document.addPage();
    return true;
  }

  #head(columns: readonly PdfColumn[]): void {
    this.#document.fillColor(GREY);
    this.#row(
      columns,
      columns.map(({ heading }) => heading),
      'Helvetica-Bold',
    );
    this.#document.fillColor('black');
    this.#rule();
  }

  #row(columns: readonly PdfColumn[], cells: readonly string[], font: string): void {
    const document = this.#document;
    const top = document.y;
    const all = document.page.width - 2 * MARGIN;
    document.font(font).fontSize(9);
    let left = MARGIN;
    for (const [at, { width, align }] of columns.entries()) {
      const room = width * all;
      document.text(this.#fitting(printable(cells[at] ?? ''), room - 6), left, top + 3, {
        width: room - 4,
        align,
        lineBreak: false,
      });
      left += room;
    }
    document.x = MARGIN;
    document.y = top + ROW;
  }

  #rule(): void {
    const { width } = this.#document.page;
    this.#document
      .moveTo(MARGIN, this.#document.y)
      .lineTo(width - MARGIN, this.#document.y)
      .lineWidth(0.5)
      .stroke(RULE);
    this.#document.y += 2;
  }

  /** The text, its end cut off where it is wider. */
  #fitting(text: string, room: number): string {
    if (this.#document.widthOfString(text) <= room) return text;
    let length = text.length;
    while (length > 1 && this.#document.widthOfString(`${text.slice(0, length)}...`) > room) length -= 1;
    return `${text.slice(0, length)}...`;
  }
}

/** What the standard fonts have: Latin-1; anything else is a question mark. No line is longer than a page is wide. */
function printable(text: string): string {
  return text.slice(0, 300).replaceAll(/[^\x20-\x7e\xa1-\xac\xae-\xff]/gu, '?');
}
