// How far a job is: in words, as a bar, and with a way to end it.
import { useTranslation } from "react-i18next";
import { Num } from "../parts/bits";
import { hasEnded, useCancel, type Job } from "./job";

export function JobProgress({ job, label }: { job: Job; label: string }) {
  const { t } = useTranslation("imports");
  const { cancel, isAsked } = useCancel(job.id);
  return (
    <div className="stack" role="group" aria-label={label}>
      <p role="status">
        {t(`job.${job.state}`)}
        {hasEnded(job) || (job.total === null && job.done === 0) ? null : (
          <>
            {" "}
            <Num n={job.done} />
            {job.total !== null ? (
              <>
                {" / "}
                <Num n={job.total} />
              </>
            ) : null}
          </>
        )}
      </p>
      {hasEnded(job) ? null : (
        <>
          <progress
            className="progress"
            aria-label={label}
            {...(job.total !== null ? { max: Math.max(1, job.total), value: job.done } : {})}
          />
          <div className="row">
            <button type="button" className="button" disabled={isAsked} onClick={() => void cancel()}>
              {t("job.cancel")}
            </button>
          </div>
        </>
      )}
      {job.error ? (
        <div className="trouble" role="alert">
          <div>
            <p>
              <bdi>{t(`problem.${job.error.code}`, { defaultValue: job.error.title })}</bdi>
            </p>
            {job.error.detail ? (
              <p className="small" dir="auto">
                {job.error.detail}
              </p>
            ) : null}
          </div>
        </div>
      ) : null}
    </div>
  );
}
