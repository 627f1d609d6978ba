import { applyChange, type Board, type BoardChange } from '../../../core/coverage/board.ts';
import { EVENTS, PATHS } from '../../wire.ts';
import { addressOf } from '../session/ask.ts';
import { currentSession } from '../session/session.ts';
import { watchSilence } from './silence.ts';
import { whileSeen } from './while-seen.ts';

/** What the page knows. */
export type Feed = {
  /** Absent until the first one has come. */
  readonly board?: Board;
  /** Whether the server is heard; undefined while nothing is known of it, as before the first answer. */
  readonly heard?: boolean | undefined;
};

type Listener = {
  /** At most once a frame. */
  readonly onFeed: (feed: Feed) => void;
  /** Nothing more will come. */
  readonly onSignedOut: () => void;
};

/** The first pause before the stream is opened again, and the longest. */
const PAUSES = { first: 1_000, longest: 15_000 };

/**
 * Follows the board until it is told to stop, as long as the page can be seen: browsers open six connections to a
 * server and no more, and with a stream in each of six tabs nothing else would be answered in any.
 *
 * @returns what stops it.
 */
export function follow({ onFeed, onSignedOut }: Listener): () => void {
  let feed: Feed = {};
  let source: EventSource | undefined;
  let frame = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let pause = PAUSES.first;
  /** Counts the times that the page was left: what was asked before concerns nobody any more. */
  let turn = 0;

  const tell = (news: Feed): void => {
    feed = { ...feed, ...news };
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => onFeed(feed));
  };
  const leave = (): void => {
    turn += 1;
    source?.close();
    silence.stop();
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
  const end = (): void => {
    stop();
    onSignedOut();
  };
  // A browser gives up on a stream that was refused, and does not say with which status.
  const askWhy = async (): Promise<void> => {
    const asked = turn;
    try {
      if ((await currentSession()) === undefined && asked === turn) return end();
    } catch {
      // Not there either: it is tried again.
    }
    if (asked !== turn) return;
    timer = setTimeout(open, pause * (0.75 + Math.random() / 2));
    pause = Math.min(pause * 2, PAUSES.longest);
  };
  const silence = watchSilence(() => {
    source?.close();
    tell({ heard: false });
    open();
  });
  function open(): void {
    const stream = new EventSource(addressOf(PATHS.events));
    source = stream;
    stream.addEventListener(EVENTS.board, ({ data }) => {
      pause = PAUSES.first;
      silence.heard();
      tell({ board: JSON.parse(String(data)) as Board, heard: true });
    });
    stream.addEventListener(EVENTS.beat, silence.heard);
    stream.addEventListener(EVENTS.change, ({ data }) => {
      silence.heard();
      if (feed.board)
        tell({ board: applyChange(feed.board, JSON.parse(String(data)) as BoardChange), heard: true });
    });
    stream.addEventListener(EVENTS.signedOut, end);
    stream.addEventListener('error', () => {
      silence.stop();
      tell({ heard: false });
      if (stream.readyState === EventSource.CLOSED) void askWhy();
    });
  }
  const unwatch = whileSeen(open, () => {
    leave();
    pause = PAUSES.first;
    feed = { ...feed, heard: undefined };
    // Hidden pages have no frames; when this one is seen again, it must not say for one that an old board is live.
    onFeed(feed);
  });
  function stop(): void {
    unwatch();
    leave();
  }
  return stop;
}
