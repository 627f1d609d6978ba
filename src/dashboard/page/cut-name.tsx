import { cutMiddle } from './text.ts';

/** A name in at most so many characters; those who do not see it get the whole. */
export function CutName({ name, most }: { readonly name: string; readonly most: number }) {
  const cut = cutMiddle(name, most);
  if (cut === name) return <>{name}</>;
  return (
    <>
      <span aria-hidden="true">{cut}</span>
      <span class="unseen">{name}</span>
    </>
  );
}
