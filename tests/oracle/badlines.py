"""Lines that are no event, or look as if they were none. All bytes, none of them text.

Each takes a fresh id and a time, so that the well-formed ones among them are new events.
"""
import json


def make(event_id, time, data=b'{"device":"D1"}', kind=b"sensor.reading", more=b""):
    return (b'{"specversion":"1.0","id":"%s","source":"odd","type":"%s","time":"%s"%s,"data":%s}'
            % (event_id.encode(), kind, time.encode(), more, data))


def parcel(event_id, time, **changes):
    """A valid parcel with some fields changed (None takes one away)."""
    data = {"waybill": "W77", "outlet": {"code": "O1", "zone": 1}, "category": "paint",
            "weight_kg": 1.5, "verified": True, "grid": "g1"}
    data.update(changes)
    data = {name: value for name, value in data.items() if value is not None}
    return make(event_id, time, json.dumps(data).encode(), b"courier.parcel")


def malformed(i, t):
    """Broken form: reason `parse`."""
    return [
        b"not json at all", b"[]", b'"text"', b"7", b"null", b"{", b"{}", b"\xef\xbb\xbf{}",
        make(i, t)[:-1], make(i, t) + b"}", make(i, t) + b" x", make(i, t)[1:],
        make(i, t, more=b',"x":"\xff"'), make(i, t, more=b',"x":"\xc0\xaf"'),
        make(i, t, more=b',"x":"\xed\xa0\x80"'), make(i, t, more=b',"x":"\xf4\x90\x80\x80"'),
        make(i, t, more=b',"x":"\xe4\xb8"'),
        make(i, t, more=b',"x":"\\ud800"'), make(i, t, more=b',"x":"\\udc00\\ud800"'),
        make(i, t, more=b',"\\ud83d":1'), make(i, t, more=b',"x":"\\u12"'),
        make(i, t, more=b',"x":"\\x41"'), make(i, t, more=b',"x":"a\x00b"'),
        make(i, t, more=b',"x":"a\tb"'), make(i, t, more=b"\x00"),
        make(i, t, more=b',"x":01'), make(i, t, more=b',"x":01x'), make(i, t, more=b',"x":1.'),
        make(i, t, more=b',"x":.5'), make(i, t, more=b',"x":+1'), make(i, t, more=b',"x":-'),
        make(i, t, more=b',"x":1e'), make(i, t, more=b',"x":0x10'), make(i, t, more=b',"x":NaN'),
        make(i, t, more=b',"x":-Infinity'), make(i, t, more=b',"x":nul'),
        make(i, t, more=b',"x":True'), make(i, t, more=b",'x':1"), make(i, t, more=b',"x":[1,]'),
        make(i, t, more=b',"x":{"a":1,}'), make(i, t, more=b',,"x":1'), make(i, t, more=b',"x"'),
        make(i, t, more=b',"x":"abc'), make(i, t, more=b"/* c */"),
        make(i, t, more=b',"x":' + b"[" * 512 + b"]" * 512),
        make(i, t, more=b',"x":' + b'{"a":' * 512 + b"1" + b"}" * 512),
        make(i, t, more=b',"id":"again"'), make(i, t, more=b',"\\u0069d":"again"'),
        make(i, t, more=b',"data":{}'), make(i, t, more=b',"time":"2026-03-01T00:00:00Z"'),
        make(i, t).replace(b'"1.0"', b'"0.3"'), make(i, t).replace(b'"1.0"', b"1.0"),
        make(i, t).replace(b'"specversion":"1.0",', b""),
        make(i, t).replace(b'"source":"odd",', b""), make(i, t).replace(b'"odd"', b'""'),
        make(i, t).replace(b'"odd"', b"null"), make("", t), make(i, ""), make(i, t, kind=b""),
        make(i, t).replace(b'"type"', b'"Type"'), make(i, t, b"[]"), make(i, t, b"null"),
        make(i, t, b'"{}"'), make(i, t).replace(b',"data":{"device":"D1"}', b""),
        make(i, "yesterday"), make(i, "2026-03-01"), make(i, "2026-03-01T00:00:00"),
        make(i, "2026-02-29T00:00:00Z"), make(i, "2026-13-01T00:00:00Z"),
        make(i, "2026-03-01T24:00:00Z"), make(i, "2026-03-01T00:60:00Z"),
        make(i, "2026-03-01T00:00:00.Z"), make(i, "2026-03-01T00:00:00+0800"),
        make(i, "2026-03-01T00:00:00+24:00"), make(i, " " + t), make(i, t + " "),
        make(i, "1969-12-31T23:59:59.999Z"), make(i, "1969-12-31T23:59:59.9999Z"),
        make(i, "1970-01-01T07:59:59+08:00"), make(i, "2200-01-01T00:00:00Z"),
        make(i, "2199-12-31T23:59:59-00:01"), make(i, "1066-10-14T09:00:00Z"),
        make(i, t, more=b',"x":"' + b"a" * (1 << 20) + b'"'),
    ]


def against_schema(i, t):
    """Reason `schema`, or `unknown_type` where the type has none."""
    return [
        make(i, t, kind=b"no.such.type"), make(i, t, kind=b"alert"), make(i, t, b"{}"),
        make(i, t, b'{"device":7}'), make(i, t, b'{"device":null}'), make(i, t, b'{"Device":"D1"}'),
        make(i, t, b'{"device":"D1","device":"D1"}'), make(i, t, b'{"device":"D1","ppm":"9"}'),
        make(i, t, b'{"device":"D1","\\u0064evice":"D1"}'),
        make(i, t, b'{"device":"D1","ppm":null}'),
        make(i, t, b'{"device":"D1","ppm":10000.5}'), make(i, t, b'{"device":"D1","ppm":-1e400}'),
        make(i, t, b'{"device":"D1","ppm":true}'), make(i, t, b'{"device":"D1","level":4}'),
        make(i, t, b'{"device":"D1","level":1.5}'), make(i, t, b'{"device":"D1","level":1e400}'),
        make(i, t, b'{"device":"D1","place":[]}'),
        make(i, t, b'{"device":"D1","place":{"grid":1}}'),
        make(i, t, b'{"device":"D1","place":{"grid":"g1","grid":"g1"}}'),
        parcel(i, t, waybill="W1234567890"), parcel(i, t, waybill="X7"), parcel(i, t, waybill=None),
        parcel(i, t, waybill="W77\n"), parcel(i, t, weight_kg=-0.001),
        parcel(i, t, weight_kg="1.5"), parcel(i, t, weight_kg=[1.5]), parcel(i, t, verified="true"),
        parcel(i, t, verified=1), parcel(i, t, verified=None), parcel(i, t, outlet={}),
        parcel(i, t, outlet={"code": "O1", "zone": 10}), parcel(i, t, outlet="O1"),
        parcel(i, t, outlet={"code": "O1", "point": {"lat": 91}}), parcel(i, t, pieces=0),
        parcel(i, t, pieces=101), parcel(i, t, counter=2**63), parcel(i, t, counter=-2**63 - 1),
        parcel(i, t, counter=0.5), parcel(i, t, tags="ax"), parcel(i, t, tags=[1]),
        parcel(i, t, tags=["ax", [None]]), parcel(i, t, tags=["一二三四五六七八九"]),
        parcel(i, t, sent="2026-03-01"), parcel(i, t, sent="2026-02-30T00:00:00Z"),
        parcel(i, t, grid=7),
        make(i, t, b'{"listing":"L1","guests":1,"ethnic":"c"}', b"homestay.checkin"),
        make(i, t, b'{"listing":"L1","guests":0}', b"homestay.checkin"),
        make(i, t, b'{"listing":"L1","guests":"1"}', b"homestay.checkin"),
        make(i, t, b'{"ticket":"T1","text":"%s","grid":"g1"}' % ("长" * 41).encode(),
             b"hotline.ticket"),
        make(i, t, b'{"ticket":"T1","text":"a","grid":"g1","urgency":"Low"}', b"hotline.ticket"),
        make(i, t, b'{"ticket":"T1","text":"a","grid":"g1","desk":{}}', b"hotline.ticket"),
    ]


def odd_but_valid(i, t):
    """Events all the same: processed (or late), never dead letters."""
    return [
        make(i, t, more=b',"x":1e999999999999'), make(i, t, more=b',"x":' + b"9" * 5000),
        make(i, t, more=b',"x":-0.0e-0'), make(i, t, more=b',"x":1,"x":2'),
        make(i, t, more=b',"x":' + b"[" * 511 + b"]" * 511),
        make(i, t, more=b',"x":"\\ud83d\\ude00"'),
        make(i, t, more=b',"x":"\\u0000"'), make(i, t, more=b',"x":"\x7f"'), make(i + "\\/", t),
        make(i, t, more=b',"x":null,"datacontenttype":"application/json"'),
        b"  " + make(i, t) + b" ", b"\t" + make(i, t) + b"\r",
        make(i, t).replace(b'"id"', b'"\\u0069\\u0064"'), make(i, t).replace(b":", b" :\t", 1),
        make(i, t, b'{"\\u0064evice":"D\\u0031","ppm":61}'),
        make(i, t, b'{"device":"D1","ppm":1e-400,"place":{"grid":"g2","x":[1,{"x":null}]}}'),
        make(i, t, b'{"device":"D1","level":2.0,"unknown":{"device":1,"device":2}}'),
        make(i, t, b'{"device":"D1","level":20e-1,"ppm":1E4}'),
        make(i, t, b'{"device":"D1","level":-0}'), make(i, t, b'{"device":"","place":{}}'),
        parcel(i, t, pieces=9.0), parcel(i, t, counter=9223372036854775807),
        parcel(i, t, counter=-9223372036854775808), parcel(i, t, tags=[], weight_kg=3),
        parcel(i, t, sent="2026-03-01t00:00:00.5+08:00"), parcel(i, t, tags=["一二三四五六七八"]),
        make(i, t, b'{"listing":"L9","guests":2,"ethnic":"a","minors":1e0}', b"homestay.checkin"),
        make(i, t, b'{"ticket":"T1","text":"%s","grid":"g1"}' % ("\U00020000" * 40).encode(),
             b"hotline.ticket"),
    ]


def spaces():
    """No records at all: they are not even read."""
    return [b"", b" ", b"     "]
