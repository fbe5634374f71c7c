import { Viewport } from '../viewport.ts'
import { compare, type ConversationRows, type Place } from './conversation-rows.ts'
import type { Pace } from './pace.ts'

/** What has come while nobody followed is counted up to this. */
const mostNew = 999

/** The part of the conversation that is in view: it follows the end until the person scrolls up. */
export class ConversationViewport extends Viewport<Place> {
  /** The first row in view; undefined: the view follows the end. */
  private top: Place | undefined
  /** Rows that have come since the view began to stand still, counted up to a place after which they may yet change. */
  private news: { rows: number; to: Place } | undefined
  private readonly rows: ConversationRows
  private readonly pace: Pace

  constructor(rows: ConversationRows, pace: Pace) {
    super({ moved: (from, by) => rows.moved(from, by), compare })
    this.rows = rows
    this.pace = pace
  }

  get isFollowing(): boolean {
    return this.top === undefined
  }

  /** Rows that have come since the view began to stand still, at most 999. */
  get unread(): number {
    const { news } = this
    if (news === undefined) return 0
    const last = this.rows.retreat(this.end, 1)
    const sure = { ...last, row: 0 }
    if (compare(news.to, sure) < 0) {
      news.rows += this.rows.distance(news.to, sure, mostNew - news.rows)
      news.to = sure
    }
    return Math.max(0, news.rows + this.rows.distance(news.to, this.end, mostNew - news.rows))
  }

  /** The places in view, from the top; `streams`: more text comes, whose scrolling may be held back. */
  places(streams: boolean): Place[] {
    const start = this.isFollowing ? this.pace.start(this.start(), streams) : this.start()
    this.shown = []
    if (start.entry >= this.rows.count) return this.shown
    for (const place of this.rows.from(start)) {
      if (this.shown.length >= this.height) break
      this.shown.push(place)
    }
    return this.shown
  }

  /** The first row in view, as it is now. */
  start(): Place {
    const bottom = this.bottom()
    if (this.top === undefined || this.top.entry >= this.rows.count) return bottom
    const top = this.rows.clamped(this.top)
    return compare(top, bottom) < 0 ? top : bottom
  }

  /** Lets the view begin at a place; from the last page on it follows the end. */
  show(at: Place): void {
    if (compare(at, this.bottom()) >= 0) return this.follow()
    this.top = at
    // The last row is no news.
    this.news ??= { rows: -1, to: this.rows.retreat(this.end, 1) }
  }

  /** Lets the view begin at a place, or below it where an entry would end out of sight: its head stays, and as much as has room. */
  showOpened(entry: number, from: Place): void {
    const head = { entry, piece: 0, row: 0 }
    const whole = this.rows.retreat({ entry: entry + 1, piece: 0, row: 0 }, this.height)
    const start = compare(whole, head) < 0 ? whole : head
    this.show(compare(start, from) > 0 ? start : from)
  }

  /** By pages, or a part of one; a positive number towards the end. */
  page(by: number): void {
    this.scroll(Math.sign(by) * Math.max(1, Math.floor(Math.abs(by) * (this.height - 2))))
  }

  follow(): void {
    this.pace.forget()
    this.top = this.news = undefined
  }

  private bottom(): Place {
    return this.rows.retreat(this.end, this.height)
  }

  private get end(): Place {
    return { entry: this.rows.count, piece: 0, row: 0 }
  }
}
