#include <gatehouse/base/ip_address.hpp>

#include <gtest/gtest.h>

#include <vector>

#include <gatehouse/base/random.hpp>

namespace gatehouse {
namespace {

struct parse_case {
  const char* name;
  std::string_view text;
  std::string_view want;  // the canonical text; empty: refused
};

constexpr parse_case v4_cases[] = {
    {"plain", "192.0.2.1", "192.0.2.1"},
    {"lowest", "0.0.0.0", "0.0.0.0"},
    {"highest", "255.255.255.255", "255.255.255.255"},
    {"empty", "", ""},
    {"three parts", "127.1", ""},
    {"one part, as inet_aton reads it", "2130706433", ""},
    {"five parts", "1.2.3.4.5", ""},
    {"octal", "010.0.0.1", ""},
    {"two zeros", "00.0.0.1", ""},
    {"hexadecimal", "0x7f.0.0.1", ""},
    {"hexadecimal, short", "0x7f.1", ""},
    {"256", "256.0.0.1", ""},
    {"four digits", "1000.0.0.1", ""},
    {"empty part", "1..2.3", ""},
    {"trailing dot", "1.2.3.4.", ""},
    {"leading dot", ".1.2.3.4", ""},
    {"port", "1.2.3.4:80", ""},
    {"leading space", " 1.2.3.4", ""},
    {"trailing space", "1.2.3.4 ", ""},
    {"sign", "+1.2.3.4", ""},
    {"minus", "1.2.3.-4", ""},
    {"range", "1.2.3.4/32", ""},
    {"letters", "a.b.c.d", ""},
    {"wide digit", "1.2.3.\xd9\xa4", ""},
};

constexpr parse_case v6_cases[] = {
    {"loopback", "::1", "::1"},
    {"unspecified", "::", "::"},
    {"documentation", "2001:db8::1", "2001:db8::1"},
    {"upper case", "2001:DB8::ABCD", "2001:db8::abcd"},
    {"leading zeros", "2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"},
    {"longest run of zeros, not the first", "1:0:0:2:0:0:0:3", "1:0:0:2::3"},
    {"first of equal runs", "1:0:0:2:0:0:3:4", "1::2:0:0:3:4"},
    {"one zero group is not shortened", "1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"},
    {"gap of one group is read", "1::3:4:5:6:7:8", "1:0:3:4:5:6:7:8"},
    {"gap at the end", "1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
    {"gap at the start", "::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
    {"full length", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    {"mapped, dotted", "::ffff:1.2.3.4", "1.2.3.4"},
    {"mapped, hexadecimal", "::ffff:102:304", "1.2.3.4"},
    {"mapped, long", "0:0:0:0:0:ffff:0102:0304", "1.2.3.4"},
    {"dotted tail elsewhere stays IPv6", "2001:db8::1.2.3.4", "2001:db8::102:304"},
    {"NAT64 stays IPv6", "64:ff9b::1.2.3.4", "64:ff9b::102:304"},
    {"compatible form stays IPv6", "::1.2.3.4", "::102:304"},
    {"zone", "fe80::1%eth0", ""},
    {"brackets", "[::1]", ""},
    {"brackets and port", "[::1]:80", ""},
    {"two gaps", "1::2::3", ""},
    {"three colons", ":::", ""},
    {"single colon", ":", ""},
    {"leading colon", ":1:2:3:4:5:6:7", ""},
    {"trailing colon", "1:2:3:4:5:6:7:", ""},
    {"nine groups", "1:2:3:4:5:6:7:8:9", ""},
    {"eight groups and a gap", "1:2:3:4::5:6:7:8", ""},
    {"seven groups", "1:2:3:4:5:6:7", ""},
    {"five digits", "12345::", ""},
    {"not hexadecimal", "g::", ""},
    {"dotted head", "1.2.3.4::", ""},
    {"dotted in the middle", "::1.2.3.4:5", ""},
    {"dotted with leading zero", "::ffff:01.2.3.4", ""},
    {"dotted too long", "1:2:3:4:5:6:7:1.2.3.4", ""},
    {"prefix", "::1/128", ""},
    {"longer than any address", "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000", ""},
};

void expect_parse(const parse_case& c) {
  SCOPED_TRACE(c.name);
  const auto parsed = ip_address::parse(c.text);
  ASSERT_EQ(parsed.has_value(), !c.want.empty());
  if (!parsed) return;
  EXPECT_EQ(parsed->to_string(), c.want);
  EXPECT_EQ(parsed->is_v4(), c.want.find(':') == std::string_view::npos);
  EXPECT_EQ(ip_address::parse(parsed->to_string()), parsed);
}

TEST(ip_address_test, ipv4_is_dotted_decimal_only) {
  for (const auto& c : v4_cases) expect_parse(c);
}

TEST(ip_address_test, ipv6_is_read_as_rfc_4291_and_written_as_rfc_5952) {
  for (const auto& c : v6_cases) expect_parse(c);
}

TEST(ip_address_test, text_with_a_nul_is_refused) { EXPECT_FALSE(ip_address::parse(std::string_view("1.2.3.4\0", 8))); }

TEST(ip_address_test, all_forms_of_one_client_are_equal) {
  const auto plain = ip_address::parse("1.2.3.4");
  EXPECT_EQ(ip_address::parse("::ffff:1.2.3.4"), plain);
  EXPECT_EQ(ip_address::parse("0:0:0:0:0:ffff:0102:0304"), plain);
  EXPECT_EQ(ip_address::v6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 1, 2, 3, 4}), plain);
  EXPECT_EQ(ip_address::v4({1, 2, 3, 4}), plain);
}

struct class_case {
  std::string_view text;
  bool loopback;
  bool is_private;
  bool unspecified;
};
constexpr class_case class_cases[] = {
    {"127.0.0.1", true, false, false},
    {"127.255.255.254", true, false, false},
    {"128.0.0.1", false, false, false},
    {"::1", true, false, false},
    {"::2", false, false, false},
    {"0.0.0.0", false, false, true},
    {"::", false, false, true},
    {"0.0.0.1", false, false, false},
    {"10.255.0.1", false, true, false},
    {"11.0.0.1", false, false, false},
    {"172.15.0.1", false, false, false},
    {"172.16.0.1", false, true, false},
    {"172.31.0.1", false, true, false},
    {"172.32.0.1", false, false, false},
    {"192.168.3.4", false, true, false},
    {"192.169.0.1", false, false, false},
    {"169.254.1.1", false, true, false},
    {"100.64.0.1", false, false, false},
    {"fe80::1", false, true, false},
    {"febf::1", false, true, false},
    {"fec0::1", false, false, false},
    {"fc00::1", false, true, false},
    {"fdff::1", false, true, false},
    {"fe00::1", false, false, false},
    {"::ffff:127.0.0.1", true, false, false},
    {"2001:db8::1", false, false, false},
    {"100::1", false, false, false},
};

TEST(ip_address_test, classes_end_where_their_documents_say) {
  for (const auto& c : class_cases) {
    SCOPED_TRACE(c.text);
    const auto a = ip_address::parse(c.text);
    ASSERT_TRUE(a);
    EXPECT_EQ(a->is_loopback(), c.loopback);
    EXPECT_EQ(a->is_private(), c.is_private);
    EXPECT_EQ(a->is_unspecified(), c.unspecified);
  }
}

TEST(ip_address_test, truncated_counts_from_the_top_of_the_own_family) {
  const auto text = [](std::string_view from, unsigned bits) {
    return ip_address::parse(from)->truncated(bits).to_string();
  };
  EXPECT_EQ(text("192.0.2.255", 24), "192.0.2.0");
  EXPECT_EQ(text("192.0.2.255", 25), "192.0.2.128");
  EXPECT_EQ(text("192.0.2.255", 32), "192.0.2.255");
  EXPECT_EQ(text("192.0.2.255", 99), "192.0.2.255");
  EXPECT_EQ(text("192.0.2.255", 0), "0.0.0.0");
  EXPECT_EQ(text("2001:db8:1:2:3:4:5:6", 64), "2001:db8:1:2::");
  EXPECT_EQ(text("2001:db8:1:2:3:4:5:6", 57), "2001:db8:1::");
  EXPECT_EQ(text("2001:db8:1:2:3:4:5:6", 0), "::");
}

struct range_case {
  const char* name;
  std::string_view text;
  std::string_view want;  // empty: refused
};
constexpr range_case range_cases[] = {
    {"IPv4", "10.0.0.0/8", "10.0.0.0/8"},
    {"address alone", "10.1.2.3", "10.1.2.3/32"},
    {"IPv6", "2001:db8::/32", "2001:db8::/32"},
    {"IPv6 address alone", "::1", "::1/128"},
    {"everything", "0.0.0.0/0", "0.0.0.0/0"},
    {"mapped", "::ffff:10.0.0.0/104", "10.0.0.0/8"},
    {"mapped address alone", "::ffff:10.0.0.1", "10.0.0.1/32"},
    {"mapped, prefix reaches out of IPv4", "::ffff:0.0.0.0/95", ""},
    {"bits behind the prefix", "10.0.0.1/8", ""},
    {"IPv6 bits behind the prefix", "2001:db8::1/32", ""},
    {"prefix too long", "10.0.0.0/33", ""},
    {"IPv6 prefix too long", "::/129", ""},
    {"no prefix behind the slash", "10.0.0.0/", ""},
    {"leading zero", "10.0.0.0/08", ""},
    {"netmask", "10.0.0.0/255.0.0.0", ""},
    {"two slashes", "10.0.0.0/8/8", ""},
    {"sign", "10.0.0.0/+8", ""},
    {"space", "10.0.0.0 /8", ""},
    {"keyword", "private", ""},
    {"empty", "", ""},
};

TEST(ip_range_test, range_text) {
  for (const auto& c : range_cases) {
    SCOPED_TRACE(c.name);
    const auto range = ip_range::parse(c.text);
    ASSERT_EQ(range.has_value(), !c.want.empty());
    if (!range) continue;
    EXPECT_EQ(range->to_string(), c.want);
    EXPECT_EQ(ip_range::parse(range->to_string()), range);
  }
}

TEST(ip_range_test, contains_ends_at_the_prefix_and_at_the_family) {
  const auto in = [](std::string_view range, std::string_view address) {
    return ip_range::parse(range)->contains(*ip_address::parse(address));
  };
  EXPECT_TRUE(in("10.0.0.0/8", "10.255.255.255"));
  EXPECT_FALSE(in("10.0.0.0/8", "11.0.0.0"));
  EXPECT_TRUE(in("10.0.0.0/8", "::ffff:10.1.1.1"));
  EXPECT_TRUE(in("2001:db8::/33", "2001:db8:7fff::1"));
  EXPECT_FALSE(in("2001:db8::/33", "2001:db8:8000::1"));
  EXPECT_TRUE(in("192.0.2.1", "192.0.2.1"));
  EXPECT_FALSE(in("192.0.2.1", "192.0.2.2"));
  EXPECT_TRUE(in("0.0.0.0/0", "1.2.3.4"));
  EXPECT_FALSE(in("0.0.0.0/0", "::1"));
  EXPECT_FALSE(in("::/0", "1.2.3.4"));
}

TEST(ip_address_test, every_address_survives_its_own_text) {
  seeded_random random(1);
  for (int i = 0; i < 20'000; ++i) {
    std::array<std::uint8_t, 16> bytes{};
    random.fill(bytes);
    // Zeros where the last byte says so, or runs of zero groups would never be tried.
    for (std::size_t bit = 0; bit < 8; ++bit) {
      if ((bytes[15] >> bit & 1) != 0) bytes[2 * bit] = bytes[2 * bit + 1] = 0;
    }
    const ip_address address = i % 2 == 0 ? ip_address::v6(bytes)
                                          : ip_address::v4({bytes[0], bytes[1], bytes[2], bytes[3]});
    char text[ip_address::max_text];
    const std::size_t size = address.write(text);
    ASSERT_LE(size, 39U);
    ASSERT_EQ(ip_address::parse({text, size}), address) << std::string(text, size);
  }
}

static_assert(ip_address{} == ip_address{} && ip_address{}.is_v4());
static_assert(sizeof(ip_address) == 17);

}  // namespace
}  // namespace gatehouse
