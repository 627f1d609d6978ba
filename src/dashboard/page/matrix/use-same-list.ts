import { useRef } from 'preact/hooks';

/** The last list as long as the new one has the same items, so that what hangs on it need not be drawn again. */
export function useSameList<Item>(list: readonly Item[]): readonly Item[] {
  const last = useRef(list);
  const { current } = last;
  if (current.length !== list.length || current.some((item, at) => item !== list[at])) last.current = list;
  return last.current;
}
