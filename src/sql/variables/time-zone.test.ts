import { describe, expect, it } from 'vitest';
import { findTimeZone } from './time-zone.ts';

const SUMMER_2024 = Date.UTC(2024, 6, 1) * 1000;
const WINTER_2024 = Date.UTC(2024, 0, 1) * 1000;

describe('time zones', () => {
  it.each([
    ['+01:00', 60, 60, 60],
    ['-3:30', -210, -210, -210],
    ['+14:00', 840, 840, 840],
    ['-13:59', -839, -839, -839],
    ['UTC', 0, 0, 0],
    ['Asia/Kolkata', 330, 330, 330],
    ['Europe/Berlin', null, 120, 60],
    ['america/new_york', null, -240, -300],
  ])('%s: %s minutes east of UTC, %s in summer, %s in winter', (name, constant, summer, winter) => {
    const zone = findTimeZone(name);
    expect([zone?.offsetMinutes, zone?.offsetMinutesAt(SUMMER_2024), zone?.offsetMinutesAt(WINTER_2024)]).toEqual([
      constant,
      summer,
      winter,
    ]);
  });

  it.each(['+14:01', '-14:00', '+1', '0530', '+01:60', 'Middle/Earth', '', ' UTC'])('%j is none', (name) => {
    expect(findTimeZone(name)).toBeUndefined();
  });

  it('changes its offset at the moment that the zone does', () => {
    const change = Date.UTC(2024, 2, 31, 1) * 1000;
    const berlin = findTimeZone('Europe/Berlin');
    expect([berlin?.offsetMinutesAt(change - 1), berlin?.offsetMinutesAt(change)]).toEqual([60, 120]);
  });
});
