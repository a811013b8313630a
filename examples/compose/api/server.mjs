// An API as a tutorial writes it. Gatehouse, before it, adds what it lacks.
import express from 'express';

const notes = [{ id: 1, text: 'buy milk' }];
const app = express();
app.set('trust proxy', 1);  // Gatehouse says who the client is
app.use(express.json());
app.get('/notes', (request, response) => response.json(notes));
app.post('/notes', (request, response) => {
  const note = { id: notes.length + 1, text: String(request.body.text) };
  notes.push(note);
  response.status(201).location(`/notes/${note.id}`).json(note);
});
const server = app.listen(Number(process.env.PORT ?? 5000));
process.on('SIGTERM', () => server.close());
