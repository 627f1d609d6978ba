/** Options of `up`. */
export type UpFlags = {
  readonly filename?: string;
  readonly nodes: number;
  readonly once: boolean;
  readonly output?: 'json';
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly logLevel: string;
};
