import type { ComponentChildren } from 'preact';

/** A view with nothing to show, and why. */
export function Nothing({
  title,
  children,
}: {
  readonly title: string;
  readonly children: ComponentChildren;
}) {
  return (
    <section class="empty" aria-labelledby="title">
      <h1 id="title">{title}</h1>
      <p>{children}</p>
    </section>
  );
}
