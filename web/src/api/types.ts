/** What the API answers; only what the studio reads. */

export interface Offer {
  version: string;
  resolutions: string[];
  aspects: string[];
  layouts: string[];
  formats: string[];
  backgrounds: string[];
  background_links: Record<string, string>;
  emotions: string[];
  caption_styles: string[];
  features: string[];
  letters_per_second: number;
  max_text: number;
  max_upload: number;
  max_audio_seconds: number;
  source_seconds: [number, number];
  retention_days: number;
}

export interface Avatar {
  id: string;
  uuid: string;
  name: string;
  thumbnail_url: string | null;
  video_url: string | null;
  scope: "public" | "private";
  gender: string | null;
  occupation: string | null;
  status: "pending" | "processing" | "ready" | "failed";
  status_message: string | null;
  created_at: string;
}

export interface AvatarDetails extends Avatar {
  kind: string;
  voice_id: string | null;
}

export interface Voice {
  id: string;
  name: string;
  language: string;
  gender: string;
  preview_url: string;
  properties: { accent: string };
  is_public: boolean;
}

export interface Look {
  resolution: string;
  aspect: string;
  layout: string;
  format: string;
  background: string;
  background_id: string;
  captions: boolean;
  caption_style: string;
  emotion: string;
  speed: number;
}

export interface NewVideo {
  avatar_id: string;
  voice_id: string;
  text?: string;
  audio_id?: string;
  title?: string;
  settings: Partial<Look>;
}

export type VideoStatus = "pending" | "processing" | "completed" | "failed" | "cancelled";

export interface Video {
  job_id: string;
  status: VideoStatus;
  stage: string;
  progress: number;
  position: number;
  estimated_time: number;
  video_url: string | null;
  cover_url: string | null;
  vtt_url: string | null;
  duration: number | null;
  title: string | null;
  error: { code: string; message: string } | null;
  created_at: string;
  completed_at: string | null;
  expires_at: string | null;
  avatar_uuid: string;
  voice_id: string;
  text: string;
  settings: Look & { background_asset?: string; audio?: string };
}

export interface VideoPage {
  videos: Video[];
  total: number;
  token: string | null;
}

export interface Key {
  id: string;
  name: string;
  prefix: string;
  scopes: string[];
  rate_limit: number | null;
  last_used_at: string | null;
  expires_at: string | null;
  is_active: boolean;
  created_at: string;
  key?: string;
}

export interface Endpoint {
  endpoint_id: string;
  url: string;
  secret: string;
  status: string;
  events: string[] | null;
  created_at: string;
}

export interface Delivery {
  delivery_id: string;
  endpoint_id: string | null;
  url: string;
  event: string;
  subject: string;
  status: string;
  attempts: number;
  next_attempt_at: string | null;
  delivered_at: string | null;
  created_at: string;
}

export interface Attempt {
  number: number;
  at: string;
  status_code: number | null;
  error: string | null;
  seconds: number;
}

export interface Usage {
  days: { date: string; seconds: number; videos: number }[];
  used: number;
  waiting: number;
  limit: number | null;
  remaining: number | null;
}

export interface Asset {
  id: string;
  name: string;
  file_type: "image" | "video" | "audio";
  meta: { size: number; width: number; height: number; duration: number | null };
  url: string;
}

export interface Check {
  check: string;
  state: "good" | "poor" | "bad" | "unknown";
  message: string;
  remedy: string;
}

export interface Profile {
  id: string;
  name: string;
  status: Avatar["status"];
  status_message: string | null;
  image_preview_url: string | null;
  warnings: Pick<Check, "check" | "message" | "remedy">[];
  /** Cosines of a speaker network: the nearest stock voice, the own voice, the person with themselves. */
  voice_similarity: { before: number; after: number; itself: number } | null;
}

export interface Session {
  signed_in: boolean;
  local: boolean;
  key?: string;
  scopes?: string[];
}
