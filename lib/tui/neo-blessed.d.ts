/** The little of neo-blessed that we stand on: layout of elements, and the cell buffer of the screen. */

declare module 'neo-blessed/lib/widgets/element.js' {
  import type Screen from 'neo-blessed/lib/widgets/screen.js'

  class Element {
    constructor(options: { screen: Screen; position?: object })
    screen: Screen
    position: object
    detach(): void
    destroy(): void
    render(): undefined
    parseContent(): boolean
    /** Where blessed lays the element out, on the screen. */
    readonly aleft: number
    readonly atop: number
    readonly width: number
    readonly height: number
  }
  export default Element
}

declare module 'neo-blessed/lib/widgets/screen.js' {
  import type Element from 'neo-blessed/lib/widgets/element.js'

  /** An attribute number and a character. */
  type Cell = [number, string]
  type Line = Cell[] & { dirty: boolean }

  class Screen {
    static global: Screen | null
    static total: number
    static instances: Screen[]
    constructor(options: { program: object })
    /** The cells as they should be, and as the terminal has them. */
    lines: Line[]
    olines: Line[]
    children: Element[]
    readonly cols: number
    readonly rows: number
    destroyed: boolean | undefined
    append(element: Element): void
    alloc(dirty?: boolean): void
    render(): void
    draw(start: number, end: number): void
    enter(): void
    leave(): void
  }
  export type { Cell, Line }
  export default Screen
}
