/** Options of `up`. */
export type UpFlags = {
  readonly filename?: string;
  readonly nodes: number;
  readonly once: boolean;
  readonly output?: 'json';
  /** 0 picks a free one. */
  readonly dashboardPort: number;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly logLevel: string;
};
