"""A pathway that uses most of the language, as an administrator writes it."""

from __future__ import annotations

EXAMPLE = """\
pathway: standard_four_stage
version: 1
effective_on: 2027-04-01
title: {ja: 標準4段階, en: Standard four stages}
legal_basis: 社会福祉法第106条の4
subject: household
calendar: office
max_silence: 45d
roles:
  worker: 相談支援員
  plan_meeting: {label: 重層的支援会議, kind: meeting, sharing: consent}
ladders:
  routine:
    - {after: 1bd,  remind: [worker, deputy]}
    - {after: 10bd, notify: section_head, every: 5bd}
forms:
  intake: forms/intake.yaml
opening: {form: intake, state: received}
everywhere:
  reviews:
    supervision: {label: スーパービジョン, by: lead, every: 6mo}
  deadlines:
    life_at_risk:
      when: "contact.danger == 'imminent'"
      label: 当面の安全確認
      within: 24h
      needs: seen
      by: worker
      ladder: urgent
      authority: local_rule
states:
  received:
    label: 受け止め
    stage: 受け止め
    max_silence: 7d
    follow_ups:
      acknowledge:     {label: 受付の返答, by: worker, due: 1bd, needs: message, ladder: routine}
      keep_in_touch:
        label: つながりの連絡
        by: worker
        every: [{7d: 4}, {14d: 6}, 30d]
        roll: earlier
        needs: voice
        form: contact
        outcomes:
          reached:     {}
          unreachable: {retry: 2bd, after: 5, raise: lost_touch}
          refused:     {next: 14d, notify: lead}
    on:
      assessed:
        - {when: "size(assessment.fields) >= 2 || assessment.scheme_gap", to: coordinating, label: 複合課題}
        - {to: supporting, label: 単独の課題}
      lost_touch: {to: searching}
      plan_decided: {requires: [plan], consent: sharing, approval: lead, to: supporting}
  closed: {label: 終結, final: true}
migrate:
  from: {1: {states: {old_name: new_name}, obligations: {keep_in_touch: keep}}}
"""

FORM = """\
type: object
additionalProperties: false
properties:
  channel:
    type: string
    enum: [phone, visit]
    x-label: {ja: 経路, en: Channel}
"""
