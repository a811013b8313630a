#pragma once
// Our parsers' verdict on a stream of bytes, as conformance_outcomes: what the corpus, the fuzz targets and the
// comparison with Node look at. For tests that link the wire layer.

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gatehouse/base/limits.hpp>
#include <gatehouse/base/reason.hpp>
#include <gatehouse/http/problem.hpp>
#include <gatehouse/wire/chunked_decoder.hpp>
#include <gatehouse/wire/request_parser.hpp>
#include <gatehouse/wire/response_parser.hpp>

#include "conformance.hpp"
#include "guard_page.hpp"

namespace gatehouse::test {

/// The corpus is written for these, whatever the defaults of a build are.
[[nodiscard]] inline limits corpus_limits() {
  limits l;
  l.head_bytes = 16 * 1024;
  l.target_bytes = 4 * 1024;
  l.fields = 64;
  l.chunk_extension_bytes = 256;
  l.trailer_bytes = 4 * 1024;
  return l;
}

[[nodiscard]] inline conformance_outcome refusal(reason why) {
  return {.what = conformance_outcome::kind::refused,
          .reason = std::string{code(why)},
          .status = static_cast<int>(number(status_of(why)))};
}

inline void add_framing(const body_framing& framing, std::vector<std::string>& facts) {
  using kind = body_framing::kind;
  if (framing.how == kind::length) facts.push_back("framing length " + std::to_string(framing.length));
  if (framing.how == kind::chunked) facts.emplace_back("framing chunked");
  if (framing.how == kind::until_close) facts.emplace_back("framing until-close");
}

inline void add_fields(const fields& f, std::vector<std::string>& facts) {
  for (const field_line& line : f) facts.push_back("field " + std::string{line.name} + ": " + std::string{line.value});
}

[[nodiscard]] inline conformance_outcome describe(const request_head& head) {
  conformance_outcome out{.what = conformance_outcome::kind::accepted,
                          .first = std::string{head.method_text},
                          .second = std::string{head.target}};
  // Defaults are left out: authority is Host's value, version 1.1, the connection persists, nothing else is asked for.
  if (head.authority.text != head.fields.get(field::host).value_or(""))
    out.facts.push_back("authority " + std::string{head.authority.text});
  if (!head.keep_alive) out.facts.emplace_back("connection close");
  if (head.expects_continue) out.facts.emplace_back("expects 100-continue");
  add_fields(head.fields, out.facts);
  add_framing(head.framing, out.facts);
  if (head.upgrade_websocket) out.facts.emplace_back("upgrade websocket");
  if (head.version == http_version::http_1_0) out.facts.emplace_back("version 1.0");
  return out;
}

[[nodiscard]] inline conformance_outcome describe(const received_response& r) {
  conformance_outcome out{.what = conformance_outcome::kind::accepted,
                          .first = std::to_string(number(r.status)),
                          .second = std::string{r.phrase}};
  if (!r.keep_alive) out.facts.emplace_back("connection close");
  add_fields(r.fields, out.facts);
  add_framing(r.framing, out.facts);
  if (r.keep_alive_timeout) out.facts.push_back("timeout " + std::to_string(r.keep_alive_timeout->count()));
  if (r.upgraded) out.facts.emplace_back("upgrade done");
  return out;
}

/// Takes content off, by its framing, however it arrives.
class body_reader {
 public:
  explicit body_reader(const limits& l) : decoder_(l) {}
  void begin(const body_framing& framing) {
    framing_ = framing;
    left_ = framing.length;
    decoder_.reset();
    content.clear();
    why = reason::none;
    done = !framing.has_content();
  }
  /// Returns the bytes used.
  std::size_t read(std::string_view input) {
    if (framing_.how == body_framing::kind::chunked) return read_chunked(input);
    const std::size_t size = framing_.how == body_framing::kind::until_close
                                 ? input.size()
                                 : static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size()));
    content += input.substr(0, size);
    left_ -= size;
    done = framing_.how == body_framing::kind::length && left_ == 0;
    return size;
  }

  std::string content;
  reason why = reason::none;
  bool done = true;

 private:
  std::size_t read_chunked(std::string_view input) {
    std::size_t used = 0;
    while (used < input.size() && !done && why == reason::none) {
      const auto piece = decoder_.next(input.substr(used));
      used += piece.consumed;
      content += piece.content;
      done = piece.what == chunked_decoder::piece::kind::done;
      why = piece.why;
    }
    return used;
  }

  body_framing framing_;
  std::uint64_t left_ = 0;
  chunked_decoder decoder_;
};

/// Reads a connection's bytes: `feed` what has arrived so far, in as many steps as wanted; then `finish`. Each step
/// sees the bytes at another address, before a guard page. One class for requests and responses: `Parse(head bytes) ->
/// progress`.
class message_reader {
 public:
  explicit message_reader(conformance_case::kind what = conformance_case::kind::request,
                          method request_method = method::get, std::size_t capacity = 256 * 1024)
      : what_(what),
        request_method_(request_method),
        limits_(corpus_limits()),
        page_(capacity),
        requests_(limits_),
        responses_(limits_),
        body_(limits_) {}
  message_reader(const message_reader&) = delete;
  message_reader& operator=(const message_reader&) = delete;

  void restart(conformance_case::kind what, method request_method) {
    what_ = what;
    request_method_ = request_method;
    outcomes_.clear();
    begin_ = 0;
    in_body_ = closed_ = false;
    requests_.reset();
    responses_.reset();
    if (what == conformance_case::kind::chunked) {
      outcomes_.push_back({.what = conformance_outcome::kind::accepted, .first = "chunked"});
      body_.begin({.how = body_framing::kind::chunked});
      in_body_ = true;
    }
  }

  /// `all`: every byte since the start of the connection.
  void feed(std::string_view all) {
    while (!closed_ && (in_body_ ? read_body(all) : read_head(all))) {
    }
  }

  std::vector<conformance_outcome> finish(std::string_view all) {
    if (!closed_ && in_body_) end_body(true);
    const bool cut_short = !closed_ && (in_body_ ? !until_close_ : begin_ < all.size());
    if (closed_ && begin_ < all.size() && rest_matters())
      outcomes_.back().facts.push_back("rest " + std::string{all.substr(begin_)});
    if (cut_short || (outcomes_.empty() && !closed_))
      outcomes_.push_back({.what = conformance_outcome::kind::incomplete});
    for (auto& o : outcomes_) sort_facts(o.facts);
    return outcomes_;
  }

  [[nodiscard]] const request_head& last_request() const { return request_; }

 private:
  [[nodiscard]] bool rest_matters() const { return outcomes_.back().reason.empty(); }

  /// Returns whether there is more to do with the bytes at hand.
  bool read_head(std::string_view all) {
    if (begin_ == all.size()) return false;
    const auto bytes = page_.place(all.substr(begin_));
    const bool is_request = what_ == conformance_case::kind::request;
    const parse_progress got = is_request ? requests_.parse(bytes, request_)
                                          : responses_.parse(bytes, request_method_, response_);
    if (got.what == parse_progress::kind::need_more) return false;
    requests_.reset();
    responses_.reset();
    if (got.what == parse_progress::kind::refused) {
      outcomes_.push_back(refusal(got.why));
      closed_ = true;
      return false;
    }
    begin_ += got.head_size;
    outcomes_.push_back(is_request ? describe(request_) : describe(response_));
    const body_framing& framing = is_request ? request_.framing : response_.framing;
    until_close_ = framing.how == body_framing::kind::until_close;
    keep_alive_ = is_request ? request_.keep_alive && !request_.upgrade_websocket : keeps_reading(response_);
    body_.begin(framing);
    in_body_ = true;
    return true;
  }

  /// After a 1xx the real answer follows; after it, nothing of ours does.
  static bool keeps_reading(const received_response& r) { return is_informational(r.status) && !r.upgraded; }

  bool read_body(std::string_view all) {
    if (!body_.done) begin_ += body_.read(page_view(all));
    if (body_.why != reason::none) {
      outcomes_.back().reason = refusal(body_.why).reason;
      outcomes_.back().status = refusal(body_.why).status;
      closed_ = true;
      return false;
    }
    if (!body_.done) return false;
    end_body(false);
    return !closed_;
  }

  std::string_view page_view(std::string_view all) {
    const auto bytes = page_.place(all.substr(begin_));
    return {bytes.data(), bytes.size()};
  }

  void end_body(bool at_end) {
    if (!body_.content.empty()) outcomes_.back().facts.push_back("body " + body_.content);
    if (at_end) {
      closed_ = until_close_;
      return;
    }
    in_body_ = false;
    closed_ = !keep_alive_ || what_ == conformance_case::kind::chunked;
  }

  conformance_case::kind what_;
  method request_method_;
  limits limits_;
  guard_page page_;
  request_parser requests_;
  response_parser responses_;
  request_head request_;
  received_response response_;
  body_reader body_;
  std::vector<conformance_outcome> outcomes_;
  std::size_t begin_ = 0;
  bool in_body_ = false;
  bool until_close_ = false;
  bool keep_alive_ = true;
  bool closed_ = false;
};

/// The outcomes of `bytes`, fed at these sizes and then whole.
[[nodiscard]] inline std::vector<conformance_outcome> read_messages(message_reader& reader, conformance_case::kind what,
                                                                    method request_method, std::string_view bytes,
                                                                    const std::vector<std::size_t>& sizes = {}) {
  reader.restart(what, request_method);
  for (const std::size_t size : sizes) reader.feed(bytes.substr(0, size));
  reader.feed(bytes);
  return reader.finish(bytes);
}

}  // namespace gatehouse::test
