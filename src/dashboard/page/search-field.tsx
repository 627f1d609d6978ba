type Props = {
  readonly name: string;
  readonly value: string;
  readonly placeholder: string;
  readonly onInput: (text: string) => void;
};

/** A named field of a filter. */
export function SearchField({ name, value, placeholder, onInput }: Props) {
  return (
    <label>
      <span class="filter-name">{name}</span>
      <input
        type="search"
        value={value}
        placeholder={placeholder}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </label>
  );
}
