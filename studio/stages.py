"""How far a visit came: what one resident did on one day, from the first word to billing's yes."""

from __future__ import annotations

from studio.period import WITHIN

STAGES = ("started", "linked", "asked", "confirmed", "accepted")
# Whoever wrote so shortly ago has not left yet.
GOING = "going"
GOING_MINUTES = 30

# What the bot began by itself belongs to no visit.
# A visit's columns: resident, day, the stages, its first and last row, what was said last, and
# whether it goes on.
# Rows of older versions have no slots; there the names of the actions tell of the account. Only its
# slot tells that a reading was asked for: the actions run as well where readings are not taken.
VISITS = f"""
    seen AS (
        SELECT resident, CAST(at AT TIME ZONE :zone AS date) AS day,
               min(id) AS first_id, min(at) AS began, max(at) AS ended,
               count(*) FILTER (WHERE kind = 'user') AS messages,
               bool_or(kind = 'action' AND (
                   data->'slots'->>'has_linked_account' = 'true'
                   OR data->>'name' IN ('submit_readings_form', 'action_submit_readings')
               )) AS linked,
               bool_or(kind = 'action' AND data->'slots'->>'requested_slot' = 'reading') AS asked,
               (array_agg(coalesce(data->>'response', data->>'text') ORDER BY id DESC)
                   FILTER (WHERE kind = 'bot'))[1] AS last_response,
               (array_agg(data->>'text' ORDER BY id DESC) FILTER (WHERE kind = 'bot'))[1]
                   AS last_text
          FROM event_log
         WHERE {WITHIN} AND (resident, turn) NOT IN (
               SELECT resident, turn FROM event_log WHERE {WITHIN} AND kind = 'notice')
         GROUP BY 1, 2
    ), confirmed AS (
        SELECT resident, CAST(submitted_at AT TIME ZONE :zone AS date) AS day,
               bool_or(state = 'accepted') AS accepted
          FROM submissions
         WHERE submitted_at >= :since AND submitted_at < :until
         GROUP BY 1, 2
    ), staged AS (
        SELECT seen.*, split_part(seen.resident, ':', 1) AS channel,
               CASE WHEN confirmed.accepted THEN 4
                    WHEN confirmed.resident IS NOT NULL THEN 3
                    WHEN seen.asked THEN 2
                    WHEN seen.linked THEN 1
                    ELSE 0 END AS stage
          FROM seen LEFT JOIN confirmed USING (resident, day)
         WHERE messages > 0
    ), visits AS (
        SELECT staged.*,
               stage < {len(STAGES) - 1} AND abs(extract(epoch FROM now() - ended))
                   < {GOING_MINUTES * 60} AS going
          FROM staged
    )
"""
