/** Remembers the last few answers to questions that are plain data. */

/** `ask`, but the last `size` answers that are `worth` it are given again without asking. */
export function remembering<Question, Answer>(
  ask: (question: Question) => Promise<Answer>,
  worth: (answer: Answer) => boolean,
  size: number,
): (question: Question) => Promise<Answer> {
  const answers = new Map<string, Answer>();
  return async (question) => {
    const key = JSON.stringify(question);
    const known = answers.get(key);
    if (known !== undefined) return known;
    const answer = await ask(question);
    if (worth(answer)) answers.set(key, answer);
    for (const oldest of [...answers.keys()].slice(0, -size)) answers.delete(oldest);
    return answer;
  };
}
