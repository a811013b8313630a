// We and Node's parser on the same bytes: the corpus and some thousands of mutations of it, the same ones in each run.
// What we accept, Node accepts, and it means the same: method, target, fields, content. That we refuse more is the
// point of us.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include <gatehouse/base/ascii.hpp>

#include "conformance.hpp"
#include "message_reader.hpp"

namespace gatehouse::test {
namespace {

constexpr std::size_t mutations = 12'000;
constexpr std::size_t longest_mutated = 2'000;
constexpr std::uint32_t seed = 20'261'123;

struct node_message {
  std::string first;
  std::string target;
  std::vector<std::string> fields;
  std::string content;
  std::string state = "open";  // whole, open, upgrade
};
struct node_outcome {
  std::vector<node_message> messages;
  std::string end;
};

std::string to_hex(std::string_view bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
  }
  return out;
}

std::string from_hex(const std::string& text) {
  std::string out;
  if (text == "-") return out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    out += static_cast<char>(ascii::hex_value(text[i]) * 16 + ascii::hex_value(text[i + 1]));
  }
  return out;
}

void read_node_message(std::istringstream& words, node_outcome& out) {
  std::string word;
  std::string value;
  auto& message = out.messages.emplace_back();
  words >> word;
  message.first = from_hex(word);
  words >> word;
  message.target = from_hex(word);
  while (words >> word >> value) message.fields.push_back("field " + from_hex(word) + ": " + from_hex(value));
}

/// Runs the oracle on all cases at once.
std::vector<node_outcome> ask_node(const std::vector<conformance_case>& cases) {
  const std::string folder = testing::TempDir() + "gatehouse_node_" + std::to_string(::getpid());
  const std::string input = folder + ".in";
  const std::string output = folder + ".out";
  std::ofstream file(input);
  for (const auto& c : cases) {
    file << (c.what == conformance_case::kind::response ? "response " : "request ")
         << (c.request_method.empty() ? "GET" : c.request_method) << ' ' << to_hex(c.bytes) << '\n';
  }
  file.close();
  const std::string command = "node --expose-internals --no-warnings " GATEHOUSE_SOURCE_DIR
                              "/test/wire/node_parser.mjs " +
                              input + " > " + output;
  std::vector<node_outcome> all;
  if (std::system(command.c_str()) != 0) return all;  // NOLINT(concurrency-mt-unsafe): one thread
  all.emplace_back();
  std::ifstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string kind;
    words >> kind;
    if (kind == "message") read_node_message(words, all.back());
    if (kind == "body") {
      std::string content;
      words >> content >> all.back().messages.back().state;
      all.back().messages.back().content = from_hex(content);
    }
    if (kind == "end") {
      words >> all.back().end;
      all.emplace_back();
    }
  }
  all.pop_back();
  std::filesystem::remove(input);
  std::filesystem::remove(output);
  return all;
}

/// A chunked body alone becomes a request that has it.
std::vector<conformance_case> as_connections(std::vector<conformance_case> cases) {
  for (auto& c : cases) {
    if (c.what != conformance_case::kind::chunked) continue;
    c.what = conformance_case::kind::request;
    c.bytes = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + c.bytes;
  }
  return cases;
}

class mutator {
 public:
  explicit mutator(const std::vector<conformance_case>& from) : from_(&from) {}
  conformance_case next() {
    conformance_case c = pick();
    for (std::size_t left = 1 + below(3); left != 0; --left) mutate(c.bytes);
    c.name += ", mutated";
    return c;
  }

 private:
  std::size_t below(std::size_t bound) { return random_() % bound; }
  const conformance_case& pick() {
    while (true) {
      const auto& c = (*from_)[below(from_->size())];
      if (!c.bytes.empty() && c.bytes.size() <= longest_mutated) return c;
    }
  }
  char hostile_byte() {
    constexpr char bytes[] = " \t\r\n\0:;,_%\x7f\x80\xff\"=\\/?#*-+0159aAfFxXgG.[]\x0b";
    return bytes[below(sizeof(bytes) - 1)];
  }
  void mutate(std::string& bytes) {
    if (bytes.empty()) bytes = "G";
    const std::size_t at = below(bytes.size());
    const std::size_t line = bytes.rfind('\n', at) + 1;  // npos + 1 is 0
    const std::size_t line_end = std::min(bytes.find('\n', at), bytes.size() - 1) + 1;
    switch (below(7)) {
      case 0: bytes[at] = hostile_byte(); break;
      case 1: bytes.insert(at, 1, hostile_byte()); break;
      case 2: bytes.erase(at, 1); break;
      case 3: bytes.insert(line, bytes.substr(line, line_end - line)); break;
      case 4: bytes.erase(line, line_end - line); break;
      case 5: {  // a line of another case
        const std::string& other = pick().bytes;
        const std::size_t begin = other.rfind('\n', below(other.size())) + 1;
        bytes.insert(line, other.substr(begin, std::min(other.find('\n', begin), other.size() - 1) + 1 - begin));
        break;
      }
      default: bytes += pick().bytes; break;
    }
  }

  const std::vector<conformance_case>* from_;
  std::mt19937 random_{seed};
};

/// We route an absolute-form target as origin-form; Node hands it on as it came.
std::string origin_form_of(const node_message& m) {
  const std::size_t scheme = m.target.find("://");
  if (m.target.starts_with('/') || scheme == std::string::npos) return m.target;
  const std::size_t path = m.target.find('/', scheme + 3);
  if (path != std::string::npos) return m.target.substr(path);
  return m.first == "OPTIONS" ? "*" : "/";
}

struct facts {
  std::vector<std::string> fields;
  std::string content;
  bool until_close = false;
};
facts facts_of(const conformance_outcome& ours) {
  facts out;
  for (const auto& fact : ours.facts) {
    if (fact.starts_with("field ")) out.fields.push_back(fact);
    if (fact.starts_with("body ")) out.content = fact.substr(5);
    if (fact == "framing until-close") out.until_close = true;
  }
  return out;
}

/// Why the two do not agree; empty when all that we accept is Node's as well.
std::string disagreement(conformance_case::kind what, const std::vector<conformance_outcome>& ours,
                         const node_outcome& node) {
  for (std::size_t i = 0; i < ours.size(); ++i) {
    if (ours[i].what != conformance_outcome::kind::accepted) return {};
    if (i >= node.messages.size()) return "Node refuses what we accept";
    const node_message& theirs = node.messages[i];
    const facts mine = facts_of(ours[i]);
    if (ours[i].first != theirs.first) return "another method or status";
    if (what == conformance_case::kind::request && ours[i].second != origin_form_of(theirs)) return "another target";
    if (mine.fields != theirs.fields) return "other fields";
    if (!ours[i].reason.empty() || theirs.state == "upgrade") return {};  // Node stops reading at any Upgrade
    const bool last = i + 1 == ours.size();
    const bool cut_short = !last && ours[i + 1].what == conformance_outcome::kind::incomplete;
    if (mine.content != theirs.content) return "other content";
    if (mine.until_close || cut_short) {
      if (i + 1 == node.messages.size() && theirs.state == "open" && node.end != "ok")
        return "Node refuses the content";
    } else if (theirs.state != "whole") {
      return "Node sees no end of the content";
    }
  }
  return {};
}

void compare(const std::vector<conformance_case>& cases) {
  const auto node = ask_node(cases);
  ASSERT_EQ(node.size(), cases.size()) << "is `node` installed?";
  message_reader reader;
  std::size_t accepted = 0;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto& c = cases[i];
    const auto ours = read_messages(reader, c.what, parse_method(c.request_method), c.bytes);
    if (ours.front().what == conformance_outcome::kind::accepted) ++accepted;
    EXPECT_EQ(disagreement(c.what, ours, node[i]), "") << c.name << "\n"
                                                       << testing::PrintToString(c.bytes) << "\nours:\n"
                                                       << to_text(ours) << "Node ends with " << node[i].end;
  }
  EXPECT_GT(accepted, cases.size() / 10);  // or the comparison compares nothing
}

TEST(node_differential, the_corpus) { compare(as_connections(read_conformance("h1"))); }

TEST(node_differential, mutations_of_the_corpus) {
  const auto corpus = as_connections(read_conformance("h1"));
  mutator mutate{corpus};
  std::vector<conformance_case> cases;
  for (std::size_t i = 0; i < mutations; ++i) cases.push_back(mutate.next());
  compare(cases);
}

}  // namespace
}  // namespace gatehouse::test
