/** Every call that the studio makes: the public API, nothing else. */

import { call, get, send, upload } from "./client";
import type * as t from "./types";

const once = () => ({ "Idempotency-Key": crypto.randomUUID?.() ?? String(Math.random()).slice(2) });

export const session = () => get<t.Session>("/studio/session");
export const signIn = (body: object) => call<t.Session>("POST", "/studio/session", body);
export const signOut = () => call<t.Session>("DELETE", "/studio/session");

export const offer = () => get<t.Offer>("/api/offer");

async function every<T>(path: string, name: string): Promise<T[]> {
  const rows: T[] = [];
  for (let page = 1; ; page += 1) {
    const answer = await get<Record<string, T[]> & { pagination: { total_pages: number } }>(
      `${path}?limit=100&page=${page}`,
    );
    rows.push(...(answer[name] ?? []));
    if (page >= answer.pagination.total_pages) return rows;
  }
}

export const avatars = () => every<t.Avatar>("/v1/avatars", "avatars");
export const voices = () => every<t.Voice>("/v1/voices", "voices");
export const avatar = (id: string) => get<t.AvatarDetails>(`/api/avatars/${id}`);
export const deleteAvatar = (id: string) => call("DELETE", `/v1/avatars/${id}`);

export async function greeting(id: string): Promise<string> {
  return (await get<{ video_url: string }>(`/api/avatars/${id}/preview`)).video_url;
}

export async function still(
  avatar_id: string,
  settings: Partial<t.Look>,
  text: string,
  signal: AbortSignal,
): Promise<Blob> {
  const answer = await send("/api/preview", {
    method: "POST",
    body: JSON.stringify({ avatar_id, settings, text }),
    headers: { "Content-Type": "application/json" },
    signal,
  });
  return answer.blob();
}

export const createVideo = (video: t.NewVideo) => call<t.Video>("POST", "/api/videos", video, once());
export const video = (id: string, signal?: AbortSignal) => get<t.Video>(`/api/videos/${id}`, signal);
export const videos = (query: Record<string, string> = {}) =>
  get<t.VideoPage>(`/api/videos?${new URLSearchParams(query)}`);
export const retryVideo = (id: string) => call<t.Video>("POST", `/api/videos/${id}/retry`, {}, once());
export const cancelVideo = (id: string) => call("POST", `/v1/video-avatars/${id}/cancel`, {});
export const deleteVideo = (id: string) => call("DELETE", `/v1/video-avatars/${id}`);

export const uploadAsset = (file: Blob, name: string, told: (share: number) => void = () => {}) =>
  upload<t.Asset>("/v1/asset", file, name, told);
export const checks = (body: { image_id?: string; video_id?: string }) =>
  call<{ checks: t.Check[]; duration: number | null }>("POST", "/api/checks", body);
export const createAvatar = (name: string, sources: Record<string, string>, consent: string, voice: string) =>
  call<t.Profile>("POST", "/avatar-profiles/create", { name, sources, consent, voice }, once());
export const profile = (id: string) => get<t.Profile>(`/avatar-profiles/${id}`);

export const keys = async () => (await get<{ data: t.Key[] }>("/v1/api-keys")).data;
export const createKey = async (body: object) => (await call<{ data: t.Key }>("POST", "/v1/api-keys", body)).data;
export const revokeKey = (id: string) => call("DELETE", `/v1/api-keys/${id}`);

const hook = "/v1/webhook";
export const endpoints = async () => (await get<{ data: t.Endpoint[] }>(`${hook}/endpoint.list`)).data;
export const events = async () => (await get<{ data: string[] }>(`${hook}/webhook.list`)).data;
export const addEndpoint = (url: string, names: string[]) =>
  call<t.Endpoint>("POST", `${hook}/endpoint.add`, { url, events: names.length ? names : null });
export const deleteEndpoint = (id: string) =>
  call("DELETE", `${hook}/endpoint.delete?endpoint_id=${encodeURIComponent(id)}`);
export const rotateSecret = (endpoint_id: string) =>
  call<t.Endpoint>("POST", `${hook}/endpoint.rotate_secret`, { endpoint_id });
export const deliveries = async () => (await get<{ data: t.Delivery[] }>(`${hook}/delivery.list`)).data;
export const attempts = async (id: string) =>
  (await get<{ data: t.Attempt[] }>(`${hook}/delivery.attempts?delivery_id=${encodeURIComponent(id)}`)).data;
export const replay = (delivery_id: string) => call<t.Delivery>("POST", `${hook}/delivery.replay`, { delivery_id });

export const usage = (days = 30) => get<t.Usage>(`/api/usage?days=${days}`);
