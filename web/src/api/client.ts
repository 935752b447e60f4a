/** One way to ask the server, for everything. */

import { signal } from "@preact/signals";

/** Whether the server knows this browser; null until it was asked. */
export const signedIn = signal<boolean | null>(null);

const MARK = { "X-Visavis-Studio": "1" };

/** What went wrong, in words for people. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly code = "",
    readonly field = "",
  ) {
    super(message);
  }
}

interface ErrorBody {
  error?: string | { code?: string; message?: string; details?: { field?: string } };
  detail?: string;
  msg?: string;
}

async function refusal(answer: Response): Promise<ApiError> {
  let body: ErrorBody = {};
  try {
    body = (await answer.json()) as ErrorBody;
  } catch {
    // A proxy's page is no JSON; its status says enough.
  }
  if (typeof body.error === "object" && body.error !== null) {
    const { code = "", message = "", details } = body.error;
    return new ApiError(answer.status, message, code, details?.field ?? "");
  }
  const text = body.detail ?? body.msg ?? `The server answered ${answer.status}.`;
  return new ApiError(answer.status, text, typeof body.error === "string" ? body.error : "");
}

/** Send a call and give back what came, or throw an `ApiError`. */
export async function send(path: string, init: RequestInit = {}): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(path, { ...init, headers: { ...MARK, ...init.headers } });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, "The server does not answer. Is it still running?", "offline");
  }
  if (answer.ok) return answer;
  const error = await refusal(answer);
  if (answer.status === 401 && path !== "/studio/session") signedIn.value = false;
  throw error;
}

/** Ask for JSON. */
export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await send(path, signal ? { signal } : {})).json() as Promise<T>;
}

/** Send JSON and get JSON. */
export async function call<T>(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<T> {
  const init: RequestInit = { method, headers };
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { ...headers, "Content-Type": "application/json" };
  }
  return (await send(path, init)).json() as Promise<T>;
}

/** Upload a file whole, told how far it is (0 to 1). */
export function upload<T>(path: string, file: Blob, name: string, told: (share: number) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.setRequestHeader("X-Visavis-Studio", "1");
    request.setRequestHeader("Content-Type", file.type.split(";")[0] || "application/octet-stream");
    request.setRequestHeader("X-File-Name", name.replace(/[^\x20-\x7e]/g, "_"));
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) told(event.loaded / event.total);
    };
    request.onerror = () => reject(new ApiError(0, "The upload was cut off. Try again."));
    request.onload = () => {
      if (request.status < 300) {
        resolve(JSON.parse(request.responseText) as T);
        return;
      }
      void refusal(new Response(request.responseText, { status: request.status })).then(reject);
    };
    request.send(file);
  });
}
