/** The little of blessed-contrib that we stand on; its own types name neither its drawing nor its deep modules. */

/** What its charts have in common: they are elements of blessed's, drawn to text with control sequences of their own. */
interface ContribChart {
  /** Draws begin with this; blessed says it when an element comes to a screen. */
  emit(event: 'attach'): void
  readonly ctx: { canvas: { frame(): string } }
}

interface ContribOptions {
  screen: object
  width: number
  height: number
  style?: Record<string, string>
}

declare module 'blessed-contrib/lib/widget/charts/line.js' {
  const line: (
    options: ContribOptions & { xPadding: number; minY: number; maxY: number; numYLabels: number },
  ) => ContribChart & {
    setData(series: { x: string[]; y: number[] }[]): void
  }
  export default line
}

declare module 'blessed-contrib/lib/widget/gauge.js' {
  const gauge: (options: ContribOptions & { showLabel: boolean }) => ContribChart & {
    setPercent(part: number): void
  }
  export default gauge
}

declare module 'blessed-contrib/lib/widget/sparkline.js' {
  const sparkline: (options: ContribOptions) => {
    readonly content: string
    setData(titles: string[], data: number[][]): void
  }
  export default sparkline
}
