/** The places of a widget's last frame that a click does something in. Cells as on the widget's canvas. */
export class Hits {
  private places: { x: number; y: number; width: number; run: () => void }[] = []

  clear(): void {
    this.places = []
  }

  add(x: number, y: number, width: number, run: () => void): void {
    this.places.push({ x, y, width, run })
  }

  /** Does what the place at a cell stands for. False where there is none. */
  click(x: number, y: number): boolean {
    const hit = this.places.find((place) => place.y === y && x >= place.x && x < place.x + place.width)
    hit?.run()
    return hit !== undefined
  }
}
