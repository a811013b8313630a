// gatehouse-demo-api: a notes API as tutorials write it. DELIBERATELY VULNERABLE, loopback only: SQL by concatenation,
// stack traces in answers, CORS for everybody, files by path, links from Host, no limits. `gatehouse demo` shows what
// changes with Gatehouse before it. Do not copy from here.
#include <sqlite3.h>

#include <cstdlib>
#include <cstring>
#include <iostream>
#include <mutex>
#include <stdexcept>
#include <vector>

#include "http_server.hpp"

namespace {

using demo::request;
using demo::response;

struct sql_error : std::runtime_error {
  sql_error(const std::string& message, std::string sql, int at)
      : std::runtime_error(message), statement(std::move(sql)), line(at) {}
  std::string statement;
  int line;
};

std::string json_text(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out + '"';
}

class notes {
 public:
  notes() {
    sqlite3_open(":memory:", &db_);
    query("CREATE TABLE notes (id INTEGER PRIMARY KEY, title TEXT)", __LINE__);
    query("CREATE TABLE users (name TEXT, password TEXT)", __LINE__);
    query("INSERT INTO notes (title) VALUES ('buy milk'), ('call Ada'), ('water the plants')", __LINE__);
    query("INSERT INTO users VALUES ('admin', 'correct horse battery staple')", __LINE__);
  }
  notes(const notes&) = delete;
  notes& operator=(const notes&) = delete;
  ~notes() { sqlite3_close(db_); }

  /// The rows as JSON.
  std::string query(const std::string& sql, int line) {
    const std::scoped_lock lock(mutex_);
    std::string rows = "[";
    char* message = nullptr;
    const auto add = [](void* out, int columns, char** values, char** names) {
      auto& all = *static_cast<std::string*>(out);
      all += all.size() > 1 ? ",{" : "{";
      for (int i = 0; i < columns; ++i) {
        all += (i > 0 ? "," : "") + json_text(names[i]) + ":" + json_text(values[i] == nullptr ? "" : values[i]);
      }
      all += '}';
      return 0;
    };
    if (sqlite3_exec(db_, sql.c_str(), add, &rows, &message) != SQLITE_OK) {
      const std::string why = message == nullptr ? "unknown" : message;
      sqlite3_free(message);
      throw sql_error("SqliteError: " + why, sql, line);
    }
    return rows + "]";
  }

 private:
  sqlite3* db_ = nullptr;
  std::mutex mutex_;
};

std::string unescaped(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      out += static_cast<char>(std::strtol(text.substr(i + 1, 2).c_str(), nullptr, 16));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

/// "files/../secrets.env" as a file system would see it.
std::string resolved(const std::string& path) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string part = path.substr(at, end - at);
    if (part == ".." && !parts.empty()) parts.pop_back();
    if (!part.empty() && part != "." && part != "..") parts.push_back(part);
    at = end + 1;
  }
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : "/") + part;
  return out;
}

response read_file(const std::string& name) {
  const std::string path = resolved("files/" + unescaped(name));
  if (path == "files/readme.txt") return {200, "text/plain", "Put files here.\n"};
  if (path == "secrets.env") return {200, "text/plain", "DATABASE_PASSWORD=hunter2\n"};
  return {404, "text/plain", "no such file: /srv/notes/" + path + "\n"};
}

std::string field_of_json(const std::string& body, const std::string& name) {
  const auto key = body.find('"' + name + '"');
  const auto begin = key == std::string::npos ? key : body.find('"', body.find(':', key));
  if (begin == std::string::npos) return "";
  return body.substr(begin + 1, body.find('"', begin + 1) - begin - 1);
}

std::string header(const request& r, const std::string& name) {
  const auto found = r.headers.find(name);
  return found == r.headers.end() ? "" : found->second;
}

response route(notes& db, const request& r) {
  const bool one_note = r.path.rfind("/notes/", 0) == 0;
  const std::string id = one_note ? unescaped(r.path.substr(std::strlen("/notes/"))) : "";
  if (r.method == "TRACE") return {200, "message/http", r.head};
  if (r.method == "POST" && r.path == "/notes") {
    db.query("INSERT INTO notes (title) VALUES ('" + field_of_json(r.body, "title") + "')", __LINE__);
    return {201, "application/json", "{\"stored\":" + std::to_string(r.body.size()) + "}"};
  }
  if (r.method == "DELETE" && one_note)
    return {200, "application/json", db.query("DELETE FROM notes WHERE id = " + id, __LINE__)};
  if (one_note) return {200, "application/json", db.query("SELECT id, title FROM notes WHERE id = " + id, __LINE__)};
  if (r.path == "/notes") {
    const std::string search = r.query.rfind("search=", 0) == 0 ? unescaped(r.query.substr(std::strlen("search=")))
                                                                : "";
    return {200, "application/json",
            db.query("SELECT id, title FROM notes WHERE title LIKE '%" + search + "%'", __LINE__)};
  }
  if (r.path.rfind("/files/", 0) == 0) return read_file(r.path.substr(std::strlen("/files/")));
  if (r.path == "/whoami") {
    const std::string forwarded = header(r, "x-forwarded-for");
    return {200, "application/json", "{\"you\":" + json_text(forwarded.empty() ? r.peer : forwarded) + "}"};
  }
  if (r.path == "/login") return {200, "application/json", R"({"welcome":"alice"})", "session=91c4"};
  if (r.path == "/uploads/7")
    return {200, "", "<script>alert('a picture, they said')</script>"};  // whatever was uploaded
  if (r.path == "/password-reset") {
    return {200, "application/json",
            "{\"mailed\":" + json_text("http://" + header(r, "host") + "/reset?token=91c4") + "}"};
  }
  if (r.path == "/") return {200, "application/json", R"({"try":["/notes","/notes/1","/files/readme.txt","/whoami"]})"};
  return {404, "application/json", "{\"error\":" + json_text("Cannot " + r.method + " " + r.path) + "}"};
}

response answer(notes& db, const request& r) {
  try {
    return route(db, r);
  } catch (const sql_error& e) {
    const std::string where = std::string(__FILE__) + ":" + std::to_string(e.line);
    return {500, "text/plain",
            std::string(e.what()) + "\n    in \"" + e.statement + "\"\n    at notes::query (" + where +
                ")\n    at route (" + where + ")\n    at connection::serve (http_server.cpp)\n"};
  }
}

}  // namespace

int main(int count, char** arguments) {
  const std::string at = count > 1 ? arguments[1] : "127.0.0.1:0";
  constexpr std::string_view loopback = "127.0.0.1:";
  char* end = nullptr;
  const bool ours = at.rfind(loopback, 0) == 0 && at.size() > loopback.size();
  const unsigned long port = ours ? std::strtoul(at.c_str() + loopback.size(), &end, 10) : 0;
  if (count > 2 || !ours || *end != '\0' || port > 65535) {
    std::cerr << "gatehouse-demo-api is full of holes on purpose, so it listens on loopback only: gatehouse-demo-api "
                 "127.0.0.1:PORT\n";
    return 2;
  }
  notes db;
  return demo::serve(static_cast<std::uint16_t>(port), [&db](const request& r) { return answer(db, r); });
}
