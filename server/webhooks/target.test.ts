import { expect, it } from "vitest";
import { faultOfTarget, isPublicAddress } from "./target.ts";

it.each([
  "http://example.com/",
  "https://127.0.0.1/",
  "https://2130706433/",
  "https://0x7f000001/",
  "https://0177.0.0.1/",
  "https://127.1/",
  "https://0/",
  "https://[::1]/",
  "https://[::]/",
  "https://0.0.0.0/",
  "https://[::ffff:127.0.0.1]/",
  "https://[::ffff:7f00:1]/",
  "https://[::127.0.0.1]/",
  "https://[64:ff9b::7f00:1]/",
  "https://[64:ff9b:1::1]/",
  "https://[2002:7f00:1::]/",
  "https://[2001:0:7f00:1::]/",
  "https://169.254.169.254/latest/meta-data",
  "https://[fd00:ec2::254]/",
  "https://100.64.0.1/",
  "https://192.0.0.192/",
  "https://198.18.0.1/",
  "https://10.1.2.3/",
  "https://172.31.255.255/",
  "https://192.168.0.1/",
  "https://[fe80::1]/",
  "https://[ff02::1]/",
  "https://224.0.0.1/",
  "https://255.255.255.255/",
  "https://localhost/",
  "https://localhost./",
  "https://a.localhost/",
  "https://LOCALHOST/",
  "https://metadata.google.internal/",
  "https://printer.local/",
  "https://intranet/",
  "https://example.com@127.0.0.1/",
  "https://a@example.com/",
  "https://a:b@example.com/",
  "https://①②⑦.0.0.1/",
  "https://127。0。0。1/",
  "file:///etc/passwd",
  "gopher://example.com/",
  "ftp://example.com/",
  "data:text/plain,x",
  "javascript:alert(1)",
  "https://example.com:22/",
  "https://example.com:6379/",
  "https://example.com/#x",
  "https://",
  "//example.com/",
  "example.com",
  "",
  `https://example.com/${"a".repeat(2_000)}`,
])("refuses %s", (url) => {
  expect(faultOfTarget(url, "public")).toMatch(/^must /);
});

it.each([
  "https://example.com/hooks?shop=1",
  "https://example.com:443/",
  "https://example.com:8443/",
  "https://xn--bcher-kva.example.com/",
  "https://8.8.8.8/",
  "https://[2606:4700:4700::1111]/",
])("takes %s", (url) => {
  expect(faultOfTarget(url, "public")).toBeUndefined();
});

it("takes this network and plain HTTP only for development, and other schemes never", () => {
  for (const url of ["http://127.0.0.1:8080/", "http://localhost/", "https://10.0.0.1:22/"]) {
    expect(faultOfTarget(url, "any")).toBeUndefined();
  }
  for (const url of ["file:///x", "ftp://a.b/", "http://u@127.0.0.1/", "x"]) {
    expect(faultOfTarget(url, "any")).toMatch(/^must /);
  }
});

it("knows addresses however they are written", () => {
  expect(["1.1.1.1", "2a00:1450::1", "::ffff:1.1.1.1"].every(isPublicAddress)).toBe(true);
  expect(["fe80::1%eth0", "::ffff:10.0.0.1", "x", "", "::ffff:a00:1"].some(isPublicAddress)).toBe(
    false,
  );
});
