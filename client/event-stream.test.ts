import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventStreamParser, readEvents, type StreamItem } from './event-stream.ts';

function parse(...pieces: string[]): StreamItem[] {
  const parser = new EventStreamParser();
  return pieces.flatMap((piece) => parser.push(piece));
}

function event(data: string, event = 'message', id = ''): StreamItem {
  return { kind: 'event', event, data, id };
}

describe('the event stream', () => {
  it.each<[string, string, StreamItem[]]>([
    ['an event', 'event: change\nid: 7\ndata: {}\n\n', [event('{}', 'change', '7')]],
    [
      'two, of which the second keeps the id',
      'id: 7\ndata: a\n\ndata: b\n\n',
      [event('a', 'message', '7'), event('b', 'message', '7')],
    ],
    ['data of several lines', 'data: a\ndata\ndata:b\ndata:  c\n\n', [event('a\n\nb\n c')]],
    ['comments', ':\n\n: hello\ndata: a\n\n', [{ kind: 'comment' }, { kind: 'comment' }, event('a')]],
    ['a pause', 'retry: 250\n\nretry: soon\n\n', [{ kind: 'retry', milliseconds: 250 }]],
    ['an event without data, which is none', 'event: change\nid: 3\n\ndata: a\n\n', [event('a', 'message', '3')]],
    ['an id with NUL, which is none', 'id: a\0\ndata: b\n\n', [event('b')]],
    ['unknown fields', 'colour: red\ndata: a\n\n', [event('a')]],
    ['an event that is not complete', 'data: a\n', []],
    ['a byte order mark', '\ufeffdata: a\n\n', [event('a')]],
  ])('has %s', (_, text, expected) => {
    expect(parse(text)).toEqual(expected);
  });

  it('is the same with every kind of line end', () => {
    const text = ': c\nevent: x\ndata: a\ndata: b\n\nid: 1\ndata: c\n\nretry: 5\n\n';
    const expected = parse(text);
    expect(parse(text.replaceAll('\n', '\r\n'))).toEqual(expected);
    expect(parse(text.replaceAll('\n', '\r'))).toEqual(expected);
  });

  it('is the same in any pieces', () => {
    const part = fc.constantFrom(
      '\n',
      '\r',
      '\r\n',
      ':',
      ' ',
      'data',
      'event',
      'id',
      'retry',
      '1',
      'x',
      '\ufeff',
      '江',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 60 }), fc.array(fc.nat(200), { maxLength: 10 }), (parts, places) => {
        const text = parts.join('');
        const cuts = [0, ...places.map((place) => place % (text.length + 1)), text.length].sort((a, b) => a - b);
        const pieces = cuts.slice(1).map((cut, index) => text.slice(cuts[index], cut));
        expect(parse(...pieces)).toEqual(parse(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('is read from bytes that are cut anywhere', async () => {
    const bytes = new TextEncoder().encode('data: 江湖😀\n\ndata: b\n\n');
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    const items: StreamItem[] = [];
    for await (const item of readEvents(body)) items.push(item);
    expect(items).toEqual([event('江湖😀'), event('b')]);
  });
});
