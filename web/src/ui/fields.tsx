/** Choices and switches; every one a real form element underneath. */

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

export interface Option {
  value: string;
  label: string;
  mark?: ComponentChildren;
}

/** What is chosen of what; `hidden` leaves the label to screen readers. */
interface OneOf {
  label: string;
  value: string;
  options: Option[];
  set: (value: string) => void;
  hidden?: boolean;
}

/** One of a few, side by side. */
export function Choice({ label, value, options, set, hidden }: OneOf) {
  const name = useId();
  return (
    <fieldset class="choice">
      <legend class={hidden ? "sr" : ""}>{label}</legend>
      <div class="segments">
        {options.map((option) => (
          <label key={option.value} class="segment">
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => set(option.value)}
            />
            <span>
              {option.mark}
              {option.label}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

export function Switch({
  label,
  hint,
  value,
  set,
}: {
  label: string;
  hint?: string;
  value: boolean;
  set: (value: boolean) => void;
}) {
  const id = useId();
  return (
    <label class="switch">
      <span>
        {label}
        {hint && <small id={id}>{hint}</small>}
      </span>
      <input
        type="checkbox"
        role="switch"
        aria-label={label}
        aria-describedby={hint ? id : undefined}
        checked={value}
        onChange={(event) => set(event.currentTarget.checked)}
      />
    </label>
  );
}

/** One of many, in a list that opens. */
export function Select({ label, value, options, set, hidden }: OneOf) {
  return (
    <label class="field">
      <span class={hidden ? "sr" : "label"}>{label}</span>
      <select value={value} onChange={(event) => set(event.currentTarget.value)}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </label>
  );
}

export function Range({
  label,
  value,
  min,
  max,
  step,
  shown,
  set,
}: {
  label: string;
  value: number;
  min: number;
  max: number;
  step: number;
  shown: string;
  set: (value: number) => void;
}) {
  return (
    <label class="field range">
      <span class="label">
        {label} <output>{shown}</output>
      </span>
      <input
        type="range"
        min={min}
        max={max}
        step={step}
        value={value}
        onInput={(event) => set(Number(event.currentTarget.value))}
      />
    </label>
  );
}
