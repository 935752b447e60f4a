/** Something that is fetched: loading, failed, or there. */

import { useCallback, useEffect, useState } from "preact/hooks";

export interface Loaded<T> {
  data: T | null;
  error: Error | null;
  loading: boolean;
  reload: () => void;
  set: (data: T) => void;
}

/** Fetch when the page opens and whenever `needs` change; old data stay while new ones come. */
export function useLoad<T>(fetcher: () => Promise<T>, needs: readonly unknown[] = []): Loaded<T> {
  const [data, setData] = useState<T | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [loading, setLoading] = useState(true);
  const [round, setRound] = useState(0);

  useEffect(() => {
    let wanted = true;
    setLoading(true);
    fetcher()
      .then((found) => wanted && (setData(found), setError(null)))
      .catch((problem: unknown) => wanted && setError(problem as Error))
      .finally(() => wanted && setLoading(false));
    return () => {
      wanted = false;
    };
  }, [...needs, round]);

  const reload = useCallback(() => setRound((count) => count + 1), []);
  return { data, error, loading, reload, set: setData };
}
